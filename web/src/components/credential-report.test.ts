import { expect, test } from "vitest";
import { keyAge, keyUnused, lastActivity, passwordAge, readReport, records } from "./credential-report";

const header =
  "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
  "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
  "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
  "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

// Rules: IA-57
test("the report says of each user what there is", () => {
  const root = `<root_account>,arn:aws:iam::111122223333:root,${ago(900)},not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A`;
  const alice = `alice,arn:aws:iam::111122223333:user/alice,${ago(400)},true,${ago(3)},${ago(100)},N/A,false,true,${ago(200)},${ago(60)},us-east-1,s3,true,${ago(10)},N/A,N/A,N/A,true,${ago(9)},false,N/A`;
  const [r, a] = readReport([header, root, alice].join("\n"));
  expect(r).toMatchObject({ root: true, mfa: true, password: undefined, passwordUsed: undefined, certificates: 0 });
  expect(r && keyAge(r)).toBeUndefined();
  expect(a).toMatchObject({ user: "alice", root: false, mfa: false, password: true, certificates: 1 });
  expect(a?.keys[0]).toMatchObject({ active: true, usedFor: "s3, us-east-1" });
  expect(a && keyAge(a)).toBe(200);
  expect(a && keyUnused(a)).toBe(60);
  expect(a && passwordAge(a)).toBe(100);
  expect(a && lastActivity(a)).toEqual(a?.passwordUsed);
  expect(r && [passwordAge(r), lastActivity(r)]).toEqual([undefined, undefined]);
});

test("an inactive key is neither old nor unused", () => {
  const line = `bob,x,${ago(1)},false,N/A,N/A,N/A,false,false,${ago(500)},N/A,N/A,N/A,true,${ago(5)},N/A,N/A,N/A,false,N/A,false,N/A`;
  const [bob] = readReport(`${header}\n${line}\n`);
  expect(bob && keyAge(bob)).toBe(5);
  expect(bob && keyUnused(bob)).toBe(5);
});

test("CSV with quotes is read as RFC 4180 has it", () => {
  expect(records('a,"b, ""c""",\r\n"d\ne",f,g\n')).toEqual([
    ["a", 'b, "c"', ""],
    ["d\ne", "f", "g"],
  ]);
  expect(records("")).toEqual([]);
  expect(readReport("")).toEqual([]);
});
