// A plug-in of the CDK CLI (cdk.json names it, relative to the CLI). The CLI tells the app neither which command runs
// nor which `-c` it dropped because it had no value, so this passes the command line on. See lib/settings/command.ts.
module.exports = {
  version: '1',
  init() {
    process.env.ROOT_ACCESS_KEY_RULE_CDK_ARGUMENTS = JSON.stringify(process.argv.slice(2));
  },
};
