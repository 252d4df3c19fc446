#pragma once

/// The content of the file VERSION as it was at compilation, including its final line feed.
const char *nova_version_file(void);
