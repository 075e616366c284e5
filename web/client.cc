// SPDX-License-Identifier: MIT
// rpmgr-client: the clients' panel.
#include "web/client/routes.h"
#include "web/panel/program.h"

int main(int argc, char** argv) {
    using namespace rpm::web;
    return run_panel(argc, argv, PanelKind::client, client_routes());
}
