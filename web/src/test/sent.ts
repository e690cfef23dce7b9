/** A client of S3 that answers by operation and keeps what it was sent. */
import type { S3Client } from "@/aws/s3";

type Call = [operation: string, input: unknown];

export function sent(answers: Record<string, (input: never) => unknown>): { s3: S3Client; calls: Call[] } {
  const calls: Call[] = [];
  const send = async (command: { constructor: { name: string }; input: never }) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    calls.push([operation, command.input]);
    const answer = answers[operation];
    if (!answer) throw new Error(`the test has no answer for ${operation}`);
    return answer(command.input);
  };
  return { s3: { send } as unknown as S3Client, calls };
}
