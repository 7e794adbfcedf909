"""How much a file may hold before it is no report; what is larger is refused with a sentence, never read half."""

LARGEST_FILE = 64 * 1024 * 1024  # bytes as it lies; JSON with every row behind the figures is the largest of ours
LARGEST_TEXT = 16 * 1024 * 1024  # bytes of text or markup once unpacked
MOST_MEMBERS = 4096
MOST_BLOCKS = 20_000
MOST_ROWS, MOST_COLUMNS = 1000, 64  # of one table
MOST_PAGES = 200
SECONDS, MEMORY = 60, 1024 * 1024 * 1024  # what reading one PDF file may take
