"""Child processes of the app: gradient check, trial, device survey, and the streams that they print."""
