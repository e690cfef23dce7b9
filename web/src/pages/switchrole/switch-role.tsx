import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { problemOf, useSession, type Session } from "@/aws";
import { SessionsError, signOut, switchRole } from "@/aws/sessions";
import { accountDigits, accountLabel, sessionName } from "@/components/account";
import { colors, roleColor } from "@/components/colors";
import { ErrorPanel } from "@/components/error-panel";
import { base, useTo } from "@/components/links";
import { Swatch } from "@/components/swatch";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/switchrole";
import { accountOf, fieldErrors, type Fields } from "./fields";

/**
 * The form is filled from the address and never sent by itself: an address from a mail could otherwise put anybody into
 * a role (CO-10). The account's id stands beside the display name, which may say anything (TH-87).
 */
export function Component() {
  const m = useMessages(messages);
  const { session, signedIn } = useSession();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description")}>
          {m("title")}
        </Header>
      }
    >
      {signedIn.kind === "root" ? (
        <Alert type="warning" header={m("rootTitle")}>
          {m("rootText")}
        </Alert>
      ) : (
        // A link to another role while the form is open fills it anew.
        <SwitchForm key={session.id} />
      )}
    </ContentLayout>
  );
}

function SwitchForm() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const { signedIn, all } = useSession();
  const [search] = useSearchParams();
  const [fields, setFields] = useState<Fields>(() => ({
    account: search.get("account") ?? "",
    roleName: search.get("roleName") ?? "",
    displayName: search.get("displayName") ?? "",
    color: roleColor(search.get("color") ?? "")?.slice(1) ?? "",
  }));
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const errors = fieldErrors(fields);
  const shown = (field: keyof Fields) => {
    const error = errors[field];
    return tried && error ? m(error) : undefined;
  };
  const change = (part: Partial<Fields>) => setFields({ ...fields, ...part });
  const account = accountOf(fields.account);
  const displayName = fields.displayName || defaultName(fields);
  const open = all.find(
    (s) =>
      s.kind === "role" &&
      s.origin === signedIn.id &&
      s.roleName === fields.roleName &&
      (s.accountId === account || s.accountAlias === account),
  );

  const submit = async () => {
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    setPending(true);
    setFailure(undefined);
    try {
      const answer = await switchRole({ ...fields, account, displayName, session: signedIn.id });
      location.assign(`${base}/~${answer.session.id}/`);
    } catch (error) {
      setFailure(error);
      setPending(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Form
        actions={
          <Button variant="primary" formAction="submit" loading={pending}>
            {m("submit")}
          </Button>
        }
      >
        <Container>
          <SpaceBetween size="l">
            <Box color="text-body-secondary">
              {m("from", { user: sessionName(signedIn), account: accountLabel(signedIn) })}
            </Box>
            {open && (
              <Alert action={<Button href={`${base}/~${open.id}/`}>{m("goTo")}</Button>}>{m("openAlready")}</Alert>
            )}
            {failure !== undefined && (
              <Refused
                failure={failure}
                sessions={all}
                closed={() => {
                  setFailure(undefined);
                }}
              />
            )}
            <FormField label={m("account")} description={m("accountText")} errorText={shown("account")}>
              <Input
                value={fields.account}
                spellcheck={false}
                onChange={({ detail }) => change({ account: detail.value.trim() })}
              />
            </FormField>
            <FormField label={m("roleName")} description={m("roleNameText")} errorText={shown("roleName")}>
              <Input
                value={fields.roleName}
                spellcheck={false}
                onChange={({ detail }) => change({ roleName: detail.value.trim().replace(/^\//, "") })}
              />
            </FormField>
            <FormField label={m("displayName")} description={m("displayNameText")} errorText={shown("displayName")}>
              <Input
                value={fields.displayName}
                placeholder={defaultName(fields)}
                onChange={({ detail }) => change({ displayName: detail.value })}
              />
            </FormField>
            <FormField label={m("color")} stretch>
              <RadioGroup
                direction="horizontal"
                value={fields.color}
                onChange={({ detail }) => change({ color: detail.value })}
                items={[
                  { value: "", label: m("color_none") },
                  ...colors.map((color) => ({
                    value: color,
                    label: (
                      <>
                        <Swatch color={color} /> {m(`color_${color}`)}
                      </>
                    ),
                  })),
                ]}
              />
            </FormField>
            {displayName !== "" && (
              <FormField label={m("preview")}>
                <div
                  className={fields.color ? "bar-preview bar-colored" : "bar-preview"}
                  style={fields.color ? { backgroundColor: roleColor(fields.color) } : undefined}
                >
                  <strong>{displayName}</strong>
                  <span>{account === "" ? c("none") : accountDigits(account)}</span>
                </div>
              </FormField>
            )}
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}

/** CO-10: role @ account. */
function defaultName({ roleName, account }: Fields): string {
  return roleName === "" || account === "" ? "" : `${roleName.split("/").pop()} @ ${account}`;
}

function Refused({ failure, sessions, closed }: { failure: unknown; sessions: Session[]; closed: () => void }) {
  const m = useMessages(messages);
  const to = useTo();
  if (!(failure instanceof SessionsError)) return <ErrorPanel problem={problemOf(failure)} />;
  if (failure.code === "TooManySessions") {
    return (
      <Alert type="warning" header={m("tooManyTitle")}>
        <SpaceBetween size="s">
          {m("tooManyText")}
          {sessions.map((s) => (
            <Button key={s.id} formAction="none" onClick={() => void signOut(s.id).then(closed)}>
              {m("tooManyClose", { name: `${sessionName(s)}, ${accountLabel(s)}` })}
            </Button>
          ))}
        </SpaceBetween>
      </Alert>
    );
  }
  if (failure.code !== "SwitchRoleRefused") return <ErrorPanel problem={problemOf(failure)} />;
  return (
    <Alert type="error" header={failure.message || m("refusedTitle")}>
      <SpaceBetween size="xs">
        <Box variant="strong">{m("whyTitle")}</Box>
        {failure.why.length === 0 ? <div>{m("whyNothing")}</div> : failure.why.map((why) => <div key={why}>{why}</div>)}
        <Box fontSize="body-s">{m("whyHelp")}</Box>
        {failure.why.length > 0 && <Link href={to("/events/why?last")}>{m("whyWhole")}</Link>}
      </SpaceBetween>
    </Alert>
  );
}
