-- The database and its owner, the account of `rpmgr` (migrations, the operator's command).
-- Filled in and run by sql/create-accounts; repeatable.

CREATE DATABASE IF NOT EXISTS `@DATABASE@` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE USER IF NOT EXISTS 'rpmgr_ops'@'@HOST@' IDENTIFIED BY '@OPS_PASSWORD@';
ALTER USER 'rpmgr_ops'@'@HOST@' IDENTIFIED BY '@OPS_PASSWORD@';
GRANT ALL PRIVILEGES ON `@DATABASE@`.* TO 'rpmgr_ops'@'@HOST@';
