/** Seconds of one hook of CodeDeploy: three invocations of 15 minutes, within CodeDeploy's hour. */
export const codeDeployHookSeconds = 2_700;
