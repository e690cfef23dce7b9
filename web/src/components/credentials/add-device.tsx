/** Adds an MFA device: an authenticator app, by a key that is shown once, or a passkey. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useMemo, useState } from "react";
import { now, useConnection, useSession, useWrite } from "@/aws";
import {
  CreateVirtualMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  useIam,
  type VirtualMFADevice,
} from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { Secret } from "../secret";
import { ViewAs } from "../snippet";
import { codeOf, deviceName, freeName, isCode, isDeviceName, isWrongCode } from "./device";
import { FormDialog } from "./dialog";
import { credentialsKey, nameOf, type Holder } from "./holder";
import { makePasskey, NoPasskeyError, passkeysHere } from "./passkey";

interface Props {
  holder: Holder;
  /** Serial numbers of the devices that there are. */
  taken: string[];
  title: string;
  onAdded: (serial: string) => void;
  onClose: () => void;
}

export function AddDevice({ holder, taken, title, onAdded, onClose }: Props) {
  const [kind, setKind] = useState<"totp" | "passkey">("totp");
  const [name, setName] = useState(() => freeName(nameOf(holder), taken.map(deviceName)));
  const [begun, setBegun] = useState<VirtualMFADevice | "passkey">();
  const drop = useDrop();
  const same = { holder, title, onAdded };
  if (begun === "passkey") {
    return <Passkey {...same} name={name} onBack={() => setBegun(undefined)} onClose={onClose} />;
  }
  if (begun !== undefined) {
    const leave = () => {
      drop(begun);
      onClose();
    };
    return <Authenticator {...same} device={begun} onClose={leave} />;
  }
  return (
    <Choose
      title={title}
      kind={kind}
      setKind={setKind}
      name={name}
      setName={setName}
      taken={taken}
      onBegun={setBegun}
      onClose={onClose}
    />
  );
}

/** Deletes a device that was begun and not wanted. Where the server would ask who is there, it is left: it is nobody's. */
function useDrop() {
  const iam = useIam();
  const { session } = useSession();
  return (device: VirtualMFADevice) => {
    if (now() - Date.parse(session.reauthenticatedAt) > 9 * 60_000) return;
    iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: device.SerialNumber })).catch(() => {});
  };
}

interface ChooseProps {
  title: string;
  kind: "totp" | "passkey";
  setKind: (kind: "totp" | "passkey") => void;
  name: string;
  setName: (name: string) => void;
  taken: string[];
  onBegun: (device: VirtualMFADevice | "passkey") => void;
  onClose: () => void;
}

function Choose({ title, kind, setKind, name, setName, taken, onBegun, onClose }: ChooseProps) {
  const m = useMessages(credentials);
  const iam = useIam();
  const { session } = useSession();
  const [tried, setTried] = useState(false);
  const passkeys = passkeysHere();
  const serial = `arn:aws:iam::${session.accountId}:mfa/${name}`;
  const begin = useWrite(
    async (again: boolean) => {
      if (again) await iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: serial }));
      return iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
    },
    { invalidates: [], onDone: ({ VirtualMFADevice: made }) => made && onBegun(made) },
  );
  const clash = taken.some((s) => deviceName(s).toLowerCase() === name.toLowerCase());
  const wrong = clash ? m("addNameTaken") : isDeviceName(name) ? undefined : m("addNameWrong");
  const leftover = begin.problem?.kind === "failed" && begin.problem.code.startsWith("EntityAlreadyExists");
  return (
    <FormDialog
      title={title}
      label={m("addNext")}
      pending={begin.pending}
      problem={leftover ? undefined : begin.problem}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (wrong) return;
        if (kind === "passkey") onBegun("passkey");
        else begin.start(false);
      }}
    >
      {leftover && (
        <Alert
          type="warning"
          action={
            <Button formAction="none" onClick={() => begin.start(true)}>
              {m("addLeftoverAct")}
            </Button>
          }
        >
          {m("addLeftover")}
        </Alert>
      )}
      <FormField label={m("addKind")} stretch>
        <Tiles
          value={kind}
          columns={1}
          onChange={({ detail }) => setKind(detail.value as "totp" | "passkey")}
          items={[
            { value: "totp", label: m("addTotp"), description: m("addTotpText") },
            {
              value: "passkey",
              label: m("addPasskey"),
              description:
                passkeys === "yes"
                  ? m("addPasskeyText")
                  : m(passkeys === "name" ? "addPasskeyNoName" : "addPasskeyNone"),
              disabled: passkeys !== "yes",
            },
          ]}
        />
      </FormField>
      <FormField
        label={m("addName")}
        description={m("addNameText")}
        constraintText={m("addNameHelp")}
        errorText={tried ? wrong : undefined}
      >
        <Input
          value={name}
          spellcheck={false}
          autoComplete={false}
          onChange={({ detail }) => {
            begin.reset();
            setName(detail.value);
          }}
        />
      </FormField>
      {kind === "totp" && (
        <ViewAs
          calls={[
            {
              service: "iam",
              command: "create-virtual-mfa-device",
              options: {
                "virtual-mfa-device-name": name,
                "bootstrap-method": "QRCodePNG",
                outfile: `${name}.png`,
              },
            },
          ]}
        />
      )}
    </FormDialog>
  );
}

interface AuthenticatorProps {
  holder: Holder;
  device: VirtualMFADevice;
  title: string;
  onAdded: (serial: string) => void;
  onClose: () => void;
}

/** The key, as a picture and as text, and two codes that show that the app has it. */
function Authenticator({ holder, device, title, onAdded, onClose }: AuthenticatorProps) {
  const m = useMessages(credentials);
  const iam = useIam();
  const [codes, setCodes] = useState<[string, string]>(["", ""]);
  const [tried, setTried] = useState(false);
  const serial = device.SerialNumber ?? "";
  const seed = useMemo(() => new TextDecoder().decode(device.Base32StringSeed), [device]);
  const image = useMemo(() => imageOf(device.QRCodePNG), [device]);
  const name = deviceName(serial);
  const enable = useWrite(
    ([first, second]: [string, string]) =>
      iam.send(
        new EnableMFADeviceCommand({
          UserName: nameOf(holder),
          SerialNumber: serial,
          AuthenticationCode1: codeOf(first),
          AuthenticationCode2: codeOf(second),
        }),
      ),
    {
      invalidates: [credentialsKey(holder)],
      done: () => m("added", { name }),
      onDone: () => onAdded(serial),
    },
  );
  const refused = isWrongCode(enable.problem);
  const wrong = (code: string) => (tried && !isCode(code) ? m("addCodeWrong") : undefined);
  return (
    <FormDialog
      title={title}
      label={m("addSubmit")}
      pending={enable.pending}
      problem={refused ? undefined : enable.problem}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (codes.every(isCode)) enable.start(codes);
      }}
    >
      {refused && <Alert type="error">{m("addCodesRefused")}</Alert>}
      <Box variant="p">{m("addScan")}</Box>
      {image && <img className="qr" src={image} alt={m("addQr")} />}
      <FormField label={m("addSeed")}>
        <Secret value={seed} name={m("addSeed")} />
      </FormField>
      {([0, 1] as const).map((i) => (
        <FormField
          key={i}
          label={m(i === 0 ? "addCode1" : "addCode2")}
          description={m(i === 0 ? "addCode1Text" : "addCode2Text")}
          errorText={wrong(codes[i])}
        >
          <Input
            value={codes[i]}
            inputMode="numeric"
            autoComplete={false}
            onChange={({ detail }) => setCodes(i === 0 ? [detail.value, codes[1]] : [codes[0], detail.value])}
          />
        </FormField>
      ))}
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "enable-mfa-device",
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

/** A picture as an address. */
function imageOf(png: Uint8Array | undefined): string | undefined {
  return png && `data:image/png;base64,${btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(""))}`;
}

interface PasskeyProps {
  holder: Holder;
  name: string;
  title: string;
  onAdded: (serial: string) => void;
  onBack: () => void;
  onClose: () => void;
}

/** The browser asks on its own; what it wants first is a click. */
function Passkey({ holder, name, title, onAdded, onBack, onClose }: PasskeyProps) {
  const m = useMessages(credentials);
  const connection = useConnection();
  const [none, setNone] = useState<NoPasskeyError>();
  const make = useWrite<void, string | undefined>(
    async () => {
      setNone(undefined);
      try {
        return await makePasskey(connection, holder.userName ?? "", name);
      } catch (error) {
        if (!(error instanceof NoPasskeyError)) throw error;
        setNone(error);
        return undefined;
      }
    },
    {
      invalidates: [credentialsKey(holder)],
      done: () => m("added", { name }),
      onDone: (serial) => serial !== undefined && onAdded(serial),
    },
  );
  return (
    <FormDialog
      title={title}
      label={m("addStart")}
      pending={make.pending}
      problem={make.problem}
      onClose={onClose}
      onSubmit={() => make.start()}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" formAction="none" disabled={make.pending} onClick={onBack}>
            {m("addBack")}
          </Button>
        </SpaceBetween>
      }
    >
      {none && <Alert type="warning">{m(none.known ? "addKnown" : "addCancelled")}</Alert>}
      <Box variant="p">{m("addTouch")}</Box>
    </FormDialog>
  );
}
