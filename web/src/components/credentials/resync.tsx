/** Brings a device back whose clock runs off: two codes say by how much. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { ResyncMFADeviceCommand, useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { codeOf, deviceName, isCode, isWrongCode } from "./device";
import { ViewAs } from "../snippet";
import { FormDialog } from "./dialog";
import { nameOf, type Holder } from "./holder";

export function Resync({ holder, serial, onClose }: { holder: Holder; serial: string; onClose: () => void }) {
  const m = useMessages(credentials);
  const iam = useIam();
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const [tried, setTried] = useState(false);
  const name = deviceName(serial);
  const resync = useWrite<void, unknown>(
    () =>
      iam.send(
        new ResyncMFADeviceCommand({
          UserName: nameOf(holder),
          SerialNumber: serial,
          AuthenticationCode1: codeOf(first),
          AuthenticationCode2: codeOf(second),
        }),
      ),
    { invalidates: [], done: () => m("resynced", { name }), onDone: onClose },
  );
  const refused = isWrongCode(resync.problem);
  const wrong = (code: string) => (tried && !isCode(code) ? m("addCodeWrong") : undefined);
  return (
    <FormDialog
      title={m("resyncTitle", { name })}
      label={m("mfaResync")}
      pending={resync.pending}
      problem={refused ? undefined : resync.problem}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (isCode(first) && isCode(second)) resync.start();
      }}
    >
      {refused && <Alert type="error">{m("addCodesRefused")}</Alert>}
      <Box variant="p">{m("resyncText")}</Box>
      <FormField label={m("addCode1")} description={m("addCode1Text")} errorText={wrong(first)}>
        <Input
          value={first}
          inputMode="numeric"
          autoComplete={false}
          onChange={({ detail }) => setFirst(detail.value)}
        />
      </FormField>
      <FormField label={m("addCode2")} description={m("addCode2Text")} errorText={wrong(second)}>
        <Input
          value={second}
          inputMode="numeric"
          autoComplete={false}
          onChange={({ detail }) => setSecond(detail.value)}
        />
      </FormField>
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "resync-mfa-device",
            options: {
              "user-name": nameOf(holder),
              "serial-number": serial,
              "authentication-code1": "123456",
              "authentication-code2": "654321",
            },
          },
        ]}
      />
    </FormDialog>
  );
}
