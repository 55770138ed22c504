// Small comforts; every page works without them.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.oko-menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.oko-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-busy]");
  if (button) { button.setAttribute("aria-disabled", "true"); button.textContent = button.dataset.busy; }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
