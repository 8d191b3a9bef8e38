/** Releases and their notes are made from the commit messages; CONTRIBUTING.md says how they look. */
export default {
  // Git's own merge messages are left out anyway; this one is from before there was this check.
  ignores: [(message) => message.startsWith('merge: the fixes of the tools')],
  extends: ['@commitlint/config-conventional'],
  rules: {
    // A body is wrapped like the documents, and may quote a line of output.
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
    // Told, but no reason to refuse: a subject that says why is worth more than a short one.
    'header-max-length': [1, 'always', 120],
    // Subjects name classes and services.
    'subject-case': [0],
  },
};
