/** What hangs on a user, and the calls that take it away one after another: IAM deletes no user that has any of it. */
import { readAll } from "@/aws";
import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachUserPolicyCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  RemoveUserFromGroupCommand,
  type IAMClient,
} from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import { arnName } from "@/components/arn";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/users";

export interface WhatGoes {
  passwordLastUsed?: Date;
  attached: { name: string; arn: string }[];
  inline: string[];
  groups: string[];
  keys: string[];
  devices: string[];
  certificates: string[];
  sshKeys: string[];
  serviceCredentials: string[];
  password: boolean;
  boundary: boolean;
}

const names = (list: (string | undefined)[] | undefined) => (list ?? []).filter((n) => n !== undefined);

/** Reads all that hangs on a user. What may not be read may not be missing from the steps: then it fails. */
export async function readWhatGoes(iam: IAMClient, UserName: string): Promise<WhatGoes> {
  const [user, attached, inline, groups, keys, devices, certificates, sshKeys, credentials, password] =
    await Promise.all([
      iam.send(new GetUserCommand({ UserName })),
      readAll(async (Marker) => {
        const page = await iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker }));
        const items = (page.AttachedPolicies ?? []).map((p) => ({ name: p.PolicyName ?? "", arn: p.PolicyArn ?? "" }));
        return { items, next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListUserPoliciesCommand({ UserName, Marker }));
        return { items: page.PolicyNames ?? [], next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListGroupsForUserCommand({ UserName, Marker }));
        return { items: names(page.Groups?.map((g) => g.GroupName)), next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListAccessKeysCommand({ UserName, Marker }));
        return { items: names(page.AccessKeyMetadata?.map((k) => k.AccessKeyId)), next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListMFADevicesCommand({ UserName, Marker }));
        return { items: names(page.MFADevices?.map((d) => d.SerialNumber)), next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListSigningCertificatesCommand({ UserName, Marker }));
        return { items: names(page.Certificates?.map((c) => c.CertificateId)), next: page.Marker };
      }),
      readAll(async (Marker) => {
        const page = await iam.send(new ListSSHPublicKeysCommand({ UserName, Marker }));
        return { items: names(page.SSHPublicKeys?.map((k) => k.SSHPublicKeyId)), next: page.Marker };
      }),
      iam.send(new ListServiceSpecificCredentialsCommand({ UserName })),
      iam.send(new GetLoginProfileCommand({ UserName })).then(
        () => true,
        (error: Error) => {
          if (error.name === "NoSuchEntityException") return false;
          throw error;
        },
      ),
    ]);
  return {
    passwordLastUsed: user.User?.PasswordLastUsed,
    attached,
    inline,
    groups,
    keys,
    devices,
    certificates,
    sshKeys,
    serviceCredentials: names(credentials.ServiceSpecificCredentials?.map((c) => c.ServiceSpecificCredentialId)),
    password,
    boundary: user.User?.PermissionsBoundary !== undefined,
  };
}

/** What ends access comes first: should a later step fail, the user is at least shut out. */
export function stepsOf(iam: IAMClient, UserName: string, goes: WhatGoes, m: Texts<typeof messages.messages>): Step[] {
  const call = (command: string, options: Record<string, string> = {}) => ({
    service: "iam",
    command,
    options: { "user-name": UserName, ...options },
  });
  return [
    ...(goes.password
      ? [
          {
            text: m("stepLogin"),
            run: () => iam.send(new DeleteLoginProfileCommand({ UserName })),
            call: call("delete-login-profile"),
          },
        ]
      : []),
    ...goes.keys.map((name) => ({
      text: m("stepKey", { name }),
      run: () => iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: name })),
      call: call("delete-access-key", { "access-key-id": name }),
    })),
    ...goes.certificates.map((name) => ({
      text: m("stepCertificate", { name }),
      run: () => iam.send(new DeleteSigningCertificateCommand({ UserName, CertificateId: name })),
      call: call("delete-signing-certificate", { "certificate-id": name }),
    })),
    ...goes.sshKeys.map((name) => ({
      text: m("stepSsh", { name }),
      run: () => iam.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId: name })),
      call: call("delete-ssh-public-key", { "ssh-public-key-id": name }),
    })),
    ...goes.serviceCredentials.map((name) => ({
      text: m("stepServiceCredential", { name }),
      run: () => iam.send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: name })),
      call: call("delete-service-specific-credential", { "service-specific-credential-id": name }),
    })),
    ...goes.devices.flatMap((name) => [
      {
        text: m("stepMfa", { name: arnName(name) }),
        run: () => iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber: name })),
        call: call("deactivate-mfa-device", { "serial-number": name }),
      },
      // A device that is an ARN of this account is a record of its own; a hardware one is a serial number only.
      ...(name.startsWith("arn:")
        ? [
            {
              text: m("stepVirtual", { name: arnName(name) }),
              run: () => iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: name })),
              call: { service: "iam", command: "delete-virtual-mfa-device", options: { "serial-number": name } },
            },
          ]
        : []),
    ]),
    ...goes.attached.map(({ name, arn }) => ({
      text: m("stepDetach", { name }),
      run: () => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: arn })),
      call: call("detach-user-policy", { "policy-arn": arn }),
    })),
    ...goes.inline.map((name) => ({
      text: m("stepInline", { name }),
      run: () => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: name })),
      call: call("delete-user-policy", { "policy-name": name }),
    })),
    ...(goes.boundary
      ? [
          {
            text: m("stepBoundary"),
            run: () => iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName })),
            call: call("delete-user-permissions-boundary"),
          },
        ]
      : []),
    ...goes.groups.map((name) => ({
      text: m("stepGroup", { name }),
      run: () => iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName: name })),
      call: call("remove-user-from-group", { "group-name": name }),
    })),
    {
      text: m("stepDelete", { name: UserName }),
      run: () => iam.send(new DeleteUserCommand({ UserName })),
      call: call("delete-user"),
    },
  ];
}
