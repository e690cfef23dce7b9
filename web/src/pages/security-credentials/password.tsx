import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession, useWrite } from "@/aws";
import { ChangePasswordCommand, useIam } from "@/aws/iam";
import { signInAddress } from "@/aws/sessions";
import { ErrorPanel } from "@/components/error-panel";
import { base } from "@/components/links";
import { PasswordRules } from "@/components/password-rules";
import { Snippet, ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/security-credentials";

/** Changes one's own password. It ends all sessions, so that whoever knows the old one is out. */
export function Password({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const { session } = useSession();
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const change = useWrite<void, unknown>(
    () => iam.send(new ChangePasswordCommand({ OldPassword: before, NewPassword: after })),
    {
      invalidates: [],
      onDone: () =>
        location.assign(signInAddress(`${base}/security-credentials`, session.accountAlias || session.accountId)),
    },
  );
  // IAM answers a wrong one with AccessDenied.
  const wrong = change.problem?.kind === "denied" && change.problem.message.startsWith("The old password");
  const missing = (text: string) => (tried && text === "" ? m("passwordMissing") : undefined);
  const same = after !== "" && after === before;
  const differs = again !== after;
  return (
    <Container
      header={
        <Header variant="h2" description={m("passwordText")}>
          {m("passwordTitle")}
        </Header>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (before !== "" && after !== "" && !same && !differs && !change.pending) change.start();
        }}
      >
        <Form
          actions={
            <Button formAction="submit" loading={change.pending}>
              {m("passwordAct")}
            </Button>
          }
        >
          <SpaceBetween size="m">
            {change.problem && !wrong && <ErrorPanel problem={change.problem} />}
            {/* So that a password manager knows whose it is. */}
            <input type="hidden" name="username" autoComplete="username" value={user} readOnly />
            <FormField label={m("passwordOld")} errorText={missing(before) ?? (wrong ? m("passwordWrong") : undefined)}>
              <Input
                type="password"
                name="current-password"
                autoComplete="current-password"
                value={before}
                onChange={({ detail }) => setBefore(detail.value)}
              />
            </FormField>
            <FormField
              label={m("passwordNew")}
              errorText={missing(after) ?? (tried && same ? m("passwordSame") : undefined)}
            >
              <Input
                type="password"
                name="new-password"
                autoComplete="new-password"
                value={after}
                onChange={({ detail }) => setAfter(detail.value)}
              />
            </FormField>
            <PasswordRules password={after} />
            <FormField
              label={m("passwordAgain")}
              errorText={missing(again) ?? (tried && differs ? m("passwordDiffers") : undefined)}
            >
              <Input
                type="password"
                name="new-password-again"
                autoComplete="new-password"
                value={again}
                onChange={({ detail }) => setAgain(detail.value)}
              />
            </FormField>
            <ViewAs
              calls={[
                {
                  service: "iam",
                  command: "change-password",
                  options: { "cli-input-json": "file://passwords.json" },
                },
              ]}
            />
          </SpaceBetween>
        </Form>
      </form>
    </Container>
  );
}

/** Root's password is no IAM matter: it is set where the server runs. */
export function RootPassword() {
  const m = useMessages(messages);
  const { session } = useSession();
  return (
    <Container header={<Header variant="h2">{m("passwordTitle")}</Header>}>
      <SpaceBetween size="s">
        <Box variant="p">{m("passwordRoot")}</Box>
        <Snippet text={`regent root-password --account ${session.accountId}`} name={m("passwordTitle")} />
      </SpaceBetween>
    </Container>
  );
}
