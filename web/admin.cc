// SPDX-License-Identifier: MIT
// rpmgr-admin: the administrators' panel.
#include "web/admin/routes.h"
#include "web/panel/program.h"

int main(int argc, char** argv) {
    using namespace rpm::web;
    return run_panel(argc, argv, PanelKind::admin, admin_routes());
}
