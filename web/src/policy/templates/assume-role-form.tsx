import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useMemo, useState } from "react";
import { readAll, useRead, useSession } from "@/aws";
import { ListAccountsCommand, useOrganizations } from "@/aws/organizations";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { accountOf, assumeRoleStatement, isRoleName, rolesOf, type AssumeRole, type KnownAccount } from "./assume-role";
import type { Template, TemplateFormProps } from "./template";

interface Props extends TemplateFormProps {
  /** Is given what was filled in, for a page that looks at the other side. */
  onRoles?: (roles: AssumeRole | undefined) => void;
}

/** Asks which roles of which account may be assumed. */
export function AssumeRoleForm({ onStatement, onRoles, tried }: Props) {
  const m = useMessages(words);
  const { open, organization } = useKnownAccounts();
  const [account, setAccount] = useState("");
  const [roles, setRoles] = useState("");
  const [mfa, setMfa] = useState(false);
  const [everyAccount, setEveryAccount] = useState(false);

  const known = useMemo(
    () => [...open, ...organization.filter((a) => !open.some((o) => o.id === a.id))],
    [open, organization],
  );
  const id = accountOf(account, known);
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
            {m("templateAnyAccount")}
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

/** useKnownAccounts returns the accounts of this browser's sessions, and those of the organization where one may read them. */
function useKnownAccounts(): { open: KnownAccount[]; organization: KnownAccount[] } {
  const { all } = useSession();
  const organizations = useOrganizations();
  const listed = useRead(["organizations", "accounts", "known"], () =>
    readAll<KnownAccount>(async (from) => {
      const page = await organizations.send(new ListAccountsCommand({ NextToken: from }));
      return {
        items: (page.Accounts ?? []).map((a) => ({ id: a.Id ?? "", alias: "", name: a.Name ?? "" })),
        next: page.NextToken,
      };
    }),
  );
  const open = useMemo(() => {
    const accounts = new Map(
      all.map((s) => [s.accountId, { id: s.accountId, alias: s.accountAlias, name: s.accountName }]),
    );
    return [...accounts.values()];
  }, [all]);
  // Who may not list them types the id: nothing is missing that would need to be said.
  return { open, organization: listed.data ?? none };
}

const none: KnownAccount[] = [];

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
