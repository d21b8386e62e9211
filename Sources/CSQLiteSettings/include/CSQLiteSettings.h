// SQLite's settings, made once before it is first used.
#pragma once

// Makes SQLite not count the memory it uses: each allocation would take a lock that all connections
// share. Does nothing once SQLite is in use. To be called by one thread.
void csqlitesettings_count_no_memory(void);
