#include "CSQLiteSettings.h"

#include <sqlite3.h>

void csqlitesettings_count_no_memory(void) {
    // A variadic function, which Swift can't call.
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
