/** Identity providers as the pages of this area read them. */
import { useRead } from "@/aws";
import {
  GetOpenIDConnectProviderCommand,
  GetSAMLProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  useIam,
} from "@/aws/iam";
import { parseArn } from "@/components/arn";

export type Kind = "oidc" | "saml";

export const kindOf = (arn: string): Kind => (parseArn(arn)?.resource.startsWith("saml-provider/") ? "saml" : "oidc");

/** An OpenID Connect provider is called as its URL without the scheme; paths belong to it. */
export const providerName = (arn: string) => parseArn(arn)?.resource.replace(/^[^/]*\//, "") ?? arn;

export interface Row {
  arn: string;
  created?: Date;
  validUntil?: Date;
}

export function useProviders(kind: Kind) {
  const iam = useIam();
  return useRead(["iam", "providers", kind], async (): Promise<Row[]> => {
    if (kind === "oidc") {
      const answer = await iam.send(new ListOpenIDConnectProvidersCommand({}));
      return (answer.OpenIDConnectProviderList ?? []).map((p) => ({ arn: p.Arn ?? "" }));
    }
    const answer = await iam.send(new ListSAMLProvidersCommand({}));
    return (answer.SAMLProviderList ?? []).map((p) => ({
      arn: p.Arn ?? "",
      created: p.CreateDate,
      validUntil: p.ValidUntil,
    }));
  });
}

export const providerKey = (arn: string) => ["iam", "provider", arn];

export function useOidc(arn: string) {
  const iam = useIam();
  return useRead(providerKey(arn), () =>
    iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
  );
}

export function useSaml(arn: string) {
  const iam = useIam();
  return useRead(providerKey(arn), () => iam.send(new GetSAMLProviderCommand({ SAMLProviderArn: arn })));
}
