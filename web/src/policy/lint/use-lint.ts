/** What is wrong with a document: its JSON at once, the rest 300 ms after the last change. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { problemOf, useSession, type Problem } from "@/aws";
import {
  useAccessAnalyzer,
  ValidatePolicyCommand,
  type ValidatePolicyCommandInput,
  type ValidatePolicyFinding,
} from "@/aws/access-analyzer";
import type { PolicyKind } from "../model/document";
import { findingsOf, type Finding } from "../model/findings";
import { tryParse, type Fault } from "../model/json";

export const patience = 300;

export interface Lint {
  /** What keeps the text from being JSON. */
  fault?: Fault;
  findings: Finding[];
  /** The findings are about an older text, or are being asked for. */
  checking: boolean;
  /** Why there are no findings, when they could not be had. */
  problem?: Problem;
  errors: number;
  /** Security warnings and warnings. */
  warnings: number;
}

/** What a kind is called by the service. */
function typeOf(
  kind: PolicyKind,
  resourceType?: string,
): Pick<ValidatePolicyCommandInput, "policyType" | "validatePolicyResourceType"> {
  switch (kind) {
    case "identity":
    case "boundary":
      return { policyType: "IDENTITY_POLICY" };
    case "scp":
      return { policyType: "SERVICE_CONTROL_POLICY" };
    case "rcp":
      return { policyType: "RESOURCE_CONTROL_POLICY" };
    case "trust":
      return { policyType: "RESOURCE_POLICY", validatePolicyResourceType: "AWS::IAM::AssumeRolePolicyDocument" };
    case "bucket":
      return { policyType: "RESOURCE_POLICY", validatePolicyResourceType: "AWS::S3::Bucket" };
    case "resource":
      return {
        policyType: "RESOURCE_POLICY",
        validatePolicyResourceType: resourceType as ValidatePolicyCommandInput["validatePolicyResourceType"],
      };
  }
}

/** useSettled returns a value once it has not changed for a while. */
export function useSettled<T>(value: T, after: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}

/** useLint reviews a text. All who ask about the same text ask the server once. */
export function useLint(text: string, kind: PolicyKind, resourceType?: string): Lint {
  const client = useAccessAnalyzer();
  const { session } = useSession();
  const fault = useMemo(() => tryParse(text).fault, [text]);
  const settled = useSettled(text, patience);
  const sound = useMemo(() => tryParse(settled).fault === undefined, [settled]);
  const query = useQuery({
    queryKey: [session.id, "access-analyzer", "validate", kind, resourceType ?? "", settled],
    queryFn: async ({ signal }) => {
      const found: ValidatePolicyFinding[] = [];
      let nextToken: string | undefined;
      do {
        const answer = await client.send(
          new ValidatePolicyCommand({ policyDocument: settled, ...typeOf(kind, resourceType), nextToken }),
          { abortSignal: signal },
        );
        found.push(...(answer.findings ?? []));
        nextToken = answer.nextToken;
      } while (nextToken !== undefined);
      return { text: settled, findings: findingsOf(settled, found) };
    },
    enabled: sound,
    staleTime: Infinity,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    // What was found stays in sight while the next is asked for.
    placeholderData: keepPreviousData,
  });
  const current = fault === undefined && query.data?.text === text;
  return useMemo(() => {
    const findings = fault ? noFindings : (query.data?.findings ?? noFindings);
    const count = (severity: Finding["severity"]) => findings.filter((f) => f.severity === severity).length;
    return {
      fault,
      findings,
      checking: fault === undefined && !current && !query.error,
      problem: query.error ? problemOf(query.error) : undefined,
      errors: fault ? 1 : count("error"),
      warnings: count("security") + count("warning"),
    };
  }, [fault, current, query.data, query.error]);
}

const noFindings: Finding[] = [];
