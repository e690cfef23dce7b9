/** The question who is there, before something that the server holds to be dangerous. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input, { type InputProps } from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { problemOf } from "@/aws";
import { reauthenticate, reauthOptions, SessionsError, type ReauthOptions, type Session } from "@/aws/sessions";
import { accountLabel, sessionName } from "@/components/account";
import { askPasskey, NoPasskeyError, passkeysHere } from "@/components/credentials/passkey";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import shell from "@/messages/en/shell";

export interface Reauthentication {
  open: boolean;
  /** Opens the dialog; whether the user proved to be there. Calls that come together share one. */
  ask: () => Promise<boolean>;
  answer: (proved: boolean) => void;
}

export function useReauthentication(): Reauthentication {
  const [open, setOpen] = useState(false);
  const waiting = useRef<{ promise: Promise<boolean>; resolve: (proved: boolean) => void }>(undefined);
  const ask = useCallback(() => {
    if (waiting.current) return waiting.current.promise;
    let resolve: (proved: boolean) => void = () => {};
    const promise = new Promise<boolean>((r) => (resolve = r));
    waiting.current = { promise, resolve };
    setOpen(true);
    return promise;
  }, []);
  const answer = useCallback((proved: boolean) => {
    waiting.current?.resolve(proved);
    waiting.current = undefined;
    setOpen(false);
  }, []);
  return useMemo(() => ({ open, ask, answer }), [open, ask, answer]);
}

export function ReauthDialog({ asked, session }: { asked: Reauthentication; session: Session }) {
  // A form that is not there keeps no password.
  return asked.open ? <Dialog answer={asked.answer} session={session} /> : null;
}

function Dialog({ answer, session }: { answer: (proved: boolean) => void; session: Session }) {
  const m = useMessages(shell);
  const c = useMessages(common);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState("");

  const field = useRef<InputProps.Ref>(null);
  useEffect(() => {
    // After the dialog, which gives the focus to its button.
    const timer = setTimeout(() => field.current?.focus());
    return () => clearTimeout(timer);
  }, []);

  const [factors, askFactors] = useFactors(session);
  const { passkey } = factors;

  const prove = async (proof: () => Promise<Parameters<typeof reauthenticate>[1]>) => {
    setPending(true);
    setError("");
    try {
      await reauthenticate(session.id, await proof());
      answer(true);
    } catch (failure) {
      setPending(false);
      setPassword("");
      setCode("");
      askFactors(); // a challenge serves once
      if (failure instanceof NoPasskeyError) setError(m("reauthNoPasskey"));
      else if (failure instanceof SessionsError && failure.code === "Incorrect") setError(m("reauthIncorrect"));
      else setError(problemOf(failure).message);
    }
  };
  const submit = () => prove(async () => ({ password: password || undefined, code: code || undefined }));

  return (
    <Modal
      visible
      onDismiss={() => answer(false)}
      header={m("reauthTitle")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => answer(false)}>
              {c("cancel")}
            </Button>
            <Button
              variant="primary"
              disabled={password === "" && code === ""}
              loading={pending}
              formAction="submit"
              form="reauth"
            >
              {m("reauthConfirm")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="reauth"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Form errorText={error}>
          <SpaceBetween size="m">
            <Box variant="p">
              {m("reauthText", {
                user: sessionName(session),
                account: accountLabel(session),
              })}
            </Box>
            <FormField label={m("reauthPassword")}>
              <Input
                type="password"
                autoComplete="current-password"
                value={password}
                ref={field}
                onChange={({ detail }) => setPassword(detail.value)}
              />
            </FormField>
            {factors.codes && (
              <FormField label={m("reauthCode")} description={m("reauthCodeText")}>
                <Input
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  value={code}
                  onChange={({ detail }) => setCode(detail.value.trim())}
                />
              </FormField>
            )}
            {passkey && (
              <Button
                formAction="none"
                iconName="key"
                disabled={pending}
                onClick={() => void prove(async () => ({ credential: await askPasskey(passkey) }))}
              >
                {m("reauthPasskey")}
              </Button>
            )}
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}

/** What the user can prove it by beside the password, and what asks for it anew. Until it is known there is the password. */
function useFactors(session: Session): [ReauthOptions, () => void] {
  const [factors, setFactors] = useState<ReauthOptions>({ codes: false, passkey: null });
  const { id } = session;
  const ask = useCallback(() => {
    void reauthOptions(id).then(
      (now) => setFactors({ ...now, passkey: passkeysHere() === "yes" ? now.passkey : null }),
      () => {},
    );
  }, [id]);
  useEffect(ask, [ask]);
  return [factors, ask];
}
