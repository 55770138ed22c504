"""What every room of the cabinet stands on: who acts, guarded reading, the clock, tables. It knows no app."""
