/** What can be inserted into policies. */
export { AssumeRoleForm, useAssumeRoleTemplate } from "./assume-role-form";
export { assumeRoleStatement, roleArn, type AssumeRole } from "./assume-role";
export type { Template, TemplateFormProps } from "./template";
