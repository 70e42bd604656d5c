/*
 * What a server gives up once its addresses are listened on and its files are read: root, its
 * groups and capabilities, and the way back (no_new_privs).
 */
#ifndef COMMON_ENGINE_PRIVILEGES_H
#define COMMON_ENGINE_PRIVILEGES_H

#include <stdbool.h>

#include "common/base/fault.h"
#include "common/base/text.h"

/*
 * Becomes `user`, with that user's groups and no capability; "root" stays root. Without a name
 * (NULL) root becomes nobody, that can still read the files that root can read, to read zones
 * again (CAP_DAC_READ_SEARCH), and where that is not possible, as in some containers, root stays.
 * Who is not root loses all other capabilities.
 *
 * `said`: a sentence on what root became, or why it stayed; empty where there was none. False
 * with the fault, and nothing is sure, where a user that was named can't be had.
 */
bool privileges_give_up(const char *user, struct text *said, struct fault *fault);

#endif
