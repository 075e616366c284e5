// Entry of the panels' own script. Every page works without it: these modules save round trips, nothing more.
import './markup.js';
import './menus.js';
import './theme.js';
import './copy.js';
import './confirm.js';
import './live.js';
import './passkeys.js';
