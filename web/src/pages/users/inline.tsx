import { path, useParam } from "@/components/links";
import { InlinePolicyPage } from "@/components/permissions/inline-policy-page";
import { useAssumeRoleTemplate } from "@/policy/templates";

/** Writes an inline policy of a user. */
export function Component() {
  const name = useParam("name");
  const assume = useAssumeRoleTemplate();
  return <InlinePolicyPage entity={{ kind: "user", name }} back={path`/iam/users/${name}`} templates={[assume]} />;
}
