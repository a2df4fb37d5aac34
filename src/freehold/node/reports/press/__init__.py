"""The child process that draws and renders a report: it reaches no network, and no file of anybody's."""
