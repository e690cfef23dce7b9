/** IAM's forms of names. */
export const isRoleName = (name: string) => /^[\w+=,.@-]{1,64}$/.test(name);

export const isPath = (path: string) => path.length <= 512 && (path === "/" || /^\/[\x21-\x7e]+\/$/.test(path));
