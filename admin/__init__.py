"""The office: the staff site, the yearly report, the command line and the service's start."""
