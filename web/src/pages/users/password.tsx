/** A user's password: given, set anew, taken away. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CreateLoginProfileCommand, DeleteLoginProfileCommand, UpdateLoginProfileCommand, useIam } from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
import { FormDialog } from "@/components/credentials/dialog";
import { PanelState } from "@/components/panel-state";
import { drawPassword, usePasswordPolicy } from "@/components/password";
import { PasswordRules } from "@/components/password-rules";
import { Secret } from "@/components/secret";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { useLoginProfile, ConsoleAccess } from "./console-access";

export function Password({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [open, setOpen] = useState<"set" | "remove">();
  const profile = useLoginProfile(user);
  const has = Boolean(profile.data);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("passwordText")}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={profile.data === null} onClick={() => setOpen("remove")}>
                {m("passwordRemove")}
              </Button>
              <Button onClick={() => setOpen("set")}>{m(has ? "passwordReset" : "passwordEnable")}</Button>
            </SpaceBetween>
          }
        >
          {m("consoleAccess")}
        </Header>
      }
    >
      <PanelState reading={profile} lines={1}>
        {(p) => (
          <SpaceBetween size="xs">
            <ConsoleAccess user={user} />
            {p?.PasswordResetRequired && <div>{m("passwordMustChange")}</div>}
          </SpaceBetween>
        )}
      </PanelState>
      {open === "set" && <SetPassword user={user} has={has} onClose={() => setOpen(undefined)} />}
      {open === "remove" && (
        <DeleteThing
          name={user}
          title={m("passwordRemoveTitle", { name: user })}
          label={m("passwordRemove")}
          warning={m("passwordRemoveText")}
          steps={[
            {
              text: m("stepLogin"),
              run: () => iam.send(new DeleteLoginProfileCommand({ UserName: user })),
              call: { service: "iam", command: "delete-login-profile", options: { "user-name": user } },
            },
          ]}
          done={m("passwordRemoved", { name: user })}
          invalidates={["iam", "user", user]}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Container>
  );
}

function SetPassword({ user, has, onClose }: { user: string; has: boolean; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const policy = usePasswordPolicy();
  const [own, setOwn] = useState(false);
  const [typed, setTyped] = useState("");
  const [reset, setReset] = useState(true);
  const [made, setMade] = useState<string>();
  const set = useWrite(
    async (Password: string) => {
      const input = { UserName: user, Password, PasswordResetRequired: reset };
      if (has) await iam.send(new UpdateLoginProfileCommand(input));
      else await iam.send(new CreateLoginProfileCommand(input));
      setMade(Password);
    },
    { invalidates: [["iam", "user", user]] },
  );
  if (made !== undefined) {
    return (
      <FormDialog
        title={m("passwordSet", { name: user })}
        label={m("done")}
        onSubmit={onClose}
        onClose={onClose}
        actions={<></>}
      >
        <Alert type="warning">{m("passwordOnce")}</Alert>
        <FormField label={m("password")}>
          <Secret value={made} name={m("password")} />
        </FormField>
      </FormDialog>
    );
  }
  return (
    <FormDialog
      title={m(has ? "passwordResetTitle" : "passwordEnableTitle", { name: user })}
      label={m(has ? "passwordReset" : "passwordEnable")}
      pending={set.pending}
      disabled={own && typed === ""}
      problem={set.problem}
      onSubmit={() => set.start(own ? typed : drawPassword(policy.data))}
      onClose={onClose}
    >
      {has && <Alert type="info">{m("passwordResetText")}</Alert>}
      <PasswordChoice own={own} setOwn={setOwn} typed={typed} setTyped={setTyped} reset={reset} setReset={setReset} />
      <ViewAs
        calls={[
          {
            service: "iam",
            command: has ? "update-login-profile" : "create-login-profile",
            options: {
              "user-name": user,
              password: "…",
              [reset ? "password-reset-required" : "no-password-reset-required"]: true,
            },
          },
        ]}
      />
    </FormDialog>
  );
}

interface ChoiceProps {
  own: boolean;
  setOwn: (own: boolean) => void;
  typed: string;
  setTyped: (typed: string) => void;
  reset: boolean;
  setReset: (reset: boolean) => void;
}

/** Drawn or typed, and whether it is to be changed at the first sign-in. */
export function PasswordChoice({ own, setOwn, typed, setTyped, reset, setReset }: ChoiceProps) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="m">
      <FormField label={m("password")} stretch>
        <RadioGroup
          value={own ? "own" : "drawn"}
          onChange={({ detail }) => setOwn(detail.value === "own")}
          items={[
            { value: "drawn", label: m("passwordDrawn"), description: m("passwordDrawnText") },
            { value: "own", label: m("passwordOwn") },
          ]}
        />
      </FormField>
      {own && (
        <>
          <FormField label={m("passwordOwn")}>
            <Input
              type="password"
              autoComplete="new-password"
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
            />
          </FormField>
          <PasswordRules password={typed} />
        </>
      )}
      <Checkbox
        checked={reset}
        onChange={({ detail }) => setReset(detail.checked)}
        description={m("passwordForceText")}
      >
        {m("passwordForce")}
      </Checkbox>
    </SpaceBetween>
  );
}
