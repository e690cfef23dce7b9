import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useMemo, useState } from "react";
import { accountMeant, useKnownAccounts, type KnownAccount } from "@/components/known-accounts";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { assumeRoleStatement, isRoleName, rolesOf, type AssumeRole } from "./assume-role";
import type { Template, TemplateFormProps } from "./template";

interface Props extends TemplateFormProps {
  /** Is given what was filled in, for a page that looks at the other side. */
  onRoles?: (roles: AssumeRole | undefined) => void;
}

/** Asks which roles of which account may be assumed. */
export function AssumeRoleForm({ onStatement, onRoles, tried }: Props) {
  const m = useMessages(words);
  const { open, recent, organization, all } = useKnownAccounts();
  const [account, setAccount] = useState("");
  const [roles, setRoles] = useState("");
  const [mfa, setMfa] = useState(false);
  const [everyAccount, setEveryAccount] = useState(false);

  const id = account.trim() === "*" ? "*" : accountMeant(account, all);
  const names = useMemo(() => rolesOf(roles), [roles]);
  const wrong = names.find((n) => !isRoleName(n));
  const loose = names.find((n) => /[*?]/.test(n));
  const ready = id !== undefined && names.length > 0 && wrong === undefined && (id !== "*" || everyAccount);

  useEffect(() => {
    const filled = ready ? { account: id, roles: names, mfa } : undefined;
    onStatement(filled && assumeRoleStatement(filled));
    onRoles?.(filled);
  }, [ready, id, names, mfa, onStatement, onRoles]);

  const accountWrong =
    id !== undefined
      ? undefined
      : account.trim() === "" || /^[\d-]+$/.test(account.trim())
        ? m("templateAccountMissing")
        : m("templateAccountUnknown");
  const option = (a: KnownAccount) => ({
    value: a.id,
    label: a.alias || a.name || a.id,
    description: a.id,
    filteringTags: [a.id, a.alias, a.name],
  });
  return (
    <SpaceBetween size="m">
      <FormField
        label={m("templateAccount")}
        description={m("templateAccountHelp")}
        errorText={tried ? accountWrong : undefined}
        stretch
      >
        <Autosuggest
          value={account}
          placeholder="111122223333"
          ariaLabel={m("templateAccount")}
          expandToViewport
          enteredTextLabel={(text) => m("templateAccountUse", { text })}
          options={[
            ...(open.length > 0 ? [{ label: m("templateAccountOpen"), options: open.map(option) }] : []),
            ...(recent.length > 0 ? [{ label: m("templateAccountRecent"), options: recent.map(option) }] : []),
            ...(organization.length > 0
              ? [{ label: m("templateAccountOrganization"), options: organization.map(option) }]
              : []),
          ]}
          onChange={({ detail }) => setAccount(detail.value)}
        />
      </FormField>
      {id === "*" && (
        <Alert type="warning">
          <SpaceBetween size="xs">
            <Box>{m("templateAnyAccount")}</Box>
            <Checkbox checked={everyAccount} onChange={({ detail }) => setEveryAccount(detail.checked)}>
              {m("templateAnyAccept")}
            </Checkbox>
          </SpaceBetween>
        </Alert>
      )}
      <FormField
        label={m("templateRoles")}
        description={m("templateRolesHelp")}
        errorText={
          wrong !== undefined
            ? m("templateRolesWrong", { name: wrong })
            : tried && names.length === 0
              ? m("templateRolesMissing")
              : undefined
        }
        warningText={loose === undefined ? undefined : m("templateRolesAny", { name: loose })}
        stretch
      >
        <Textarea
          value={roles}
          rows={3}
          placeholder="s3-admin"
          spellcheck={false}
          onChange={({ detail }) => setRoles(detail.value)}
        />
      </FormField>
      <Checkbox checked={mfa} onChange={({ detail }) => setMfa(detail.checked)}>
        {m("templateMfa")}
      </Checkbox>
    </SpaceBetween>
  );
}

/** useAssumeRoleTemplate returns the template of inline policies of groups. */
export function useAssumeRoleTemplate(): Template {
  const m = useMessages(words);
  return useMemo(
    () => ({
      id: "assume-role",
      title: m("templateAssumeTitle"),
      description: m("templateAssumeText"),
      Form: AssumeRoleForm,
    }),
    [m],
  );
}
