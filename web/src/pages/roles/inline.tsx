import { useParam, path } from "@/components/links";
import { InlinePolicyPage } from "@/components/permissions/inline-policy-page";
import { useAssumeRoleTemplate } from "@/policy/templates";

/** Writes an inline policy of a role. */
export function Component() {
  const name = useParam("name");
  const assume = useAssumeRoleTemplate();
  return <InlinePolicyPage entity={{ kind: "role", name }} back={path`/iam/roles/${name}`} templates={[assume]} />;
}
