"""How the model of characters is trained; needs PyTorch (the extra «training»). See README.md beside."""
