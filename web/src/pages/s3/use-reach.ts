import { useRead, useSession } from "@/aws";
import { GetBucketPolicyCommand, GetBucketPolicyStatusCommand, useS3 } from "@/aws/s3";
import { reachOf, type Reach } from "./reach";

export interface BucketReach {
  /** Whether S3 takes the policy for public (S3-64). */
  isPublic: boolean;
  /** Undefined: the policy could not be read as one. */
  others: Reach[] | undefined;
}

/** Asks who else can reach a bucket. */
export function useReach(bucket: string) {
  const s3 = useS3();
  const { session } = useSession();
  return useRead(["s3", "bucket", bucket, "policy", "reach"], async (): Promise<BucketReach> => {
    try {
      const [policy, status] = await Promise.all([
        s3.send(new GetBucketPolicyCommand({ Bucket: bucket })),
        s3.send(new GetBucketPolicyStatusCommand({ Bucket: bucket })),
      ]);
      const others = reachOf(policy.Policy ?? "", session.accountId);
      return { isPublic: status.PolicyStatus?.IsPublic ?? false, others };
    } catch (error) {
      if ((error as Error).name === "NoSuchBucketPolicy") return { isPublic: false, others: [] };
      throw error;
    }
  });
}
