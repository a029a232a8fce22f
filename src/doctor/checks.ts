/** In the order they are told. */
export const groups = {
  terminal: 'This terminal',
  aws: 'AWS, for each plan and region',
  stack: "The bot's own stack",
  slack: 'Slack',
  people: 'People',
} as const
export type Group = keyof typeof groups

type Check = { readonly group: Group; readonly looks: string; readonly remedy: string }

/** Every check: what is looked at, and what to do where it is not as it has to be. docs/doctor.md is made of it. */
export const checks = {
  node: {
    group: 'terminal',
    looks: 'This is Node 24 or newer.',
    remedy: 'Run it with Node 24: `npm run understudy -- doctor` brings its own on Linux.',
  },
  configuration: {
    group: 'terminal',
    looks: 'The environment says where plans, journal, engine and Slack are; every fault of it at once.',
    remedy: 'Set it, and run doctor again. docs/deploying.md lists the variables.',
  },
  plans: {
    group: 'terminal',
    looks: 'Every plan file can be used, and there is one.',
    remedy: 'Correct the file: `understudy validate` says where. The other plans are not affected.',
  },
  clock: {
    group: 'terminal',
    looks:
      "This machine's clock against the Date that Slack and AWS answer with. Both refuse at five minutes.",
    remedy: 'Let the clock be set by the network (NTP), then run doctor again.',
  },
  'journal-file': {
    group: 'terminal',
    looks: 'A SQLite journal can be written, and its disk has room.',
    remedy:
      'Give the file and its folder to the user who runs the bot, on a local disk with at least 1 GB free.',
  },
  'engine-process': {
    group: 'terminal',
    looks: 'With the local engine: a bot is running and holds it, so that runs are carried out.',
    remedy: 'Start the bot: `understudy serve`.',
  },
  region: {
    group: 'aws',
    looks: "The plan's two regions answer, in a second and a half.",
    remedy:
      'If AWS reports trouble there (health.aws.amazon.com), that is what the plans are for. Otherwise look at the network between here and there, then run doctor again.',
  },
  credentials: {
    group: 'aws',
    looks: "Who the bot's own credentials are, asked of each region's own STS.",
    remedy:
      'Give this terminal credentials that the SDK finds (`aws sts get-caller-identity` must answer), renewed where they have expired.',
  },
  account: {
    group: 'aws',
    looks:
      "Each role of a plan can be assumed through each region's own STS, with its external id, and is in the account that the plan names.",
    remedy: "Put the account's id and the role that belongs to it into the plan.",
  },
  permission: {
    group: 'aws',
    looks:
      'Everything IAM has to allow each step, from the table in `src/doctor/permissions.ts`: looks by looking, changes in IAM’s policy simulator.',
    remedy: 'Allow it in the policy of that role, on these resources, and run doctor again.',
  },
  'dr-cluster': {
    group: 'aws',
    looks: 'No role may delete the dr cluster; the simulator is asked for every one.',
    remedy:
      'Put an explicit Deny of rds:DeleteDBCluster on the dr cluster into the policy of that role: it wins over everything that allows.',
  },
  drift: {
    group: 'aws',
    looks:
      'What the plan names exists: global cluster and clusters, services, target groups, listeners, records, domains, alarms, builds.',
    remedy: 'Correct the name in the plan, or create what is missing.',
  },
  'state-region': {
    group: 'aws',
    looks: 'The Terraform state of the dr side is not kept in the home region.',
    remedy:
      'Move the state to the dr region or a third one, and put that into `stateRegion`: without it nothing in dr can be applied while home is dark.',
  },
  'dns-control': {
    group: 'aws',
    looks:
      "Where Route 53's records are changed, and what that means for the plan. A note: AWS has no other place.",
    remedy: 'Nothing to do.',
  },
  functions: {
    group: 'stack',
    looks: 'The four functions exist, are active, and no concurrency limit of zero keeps them still.',
    remedy: 'Deploy the stack again, and look at the function in the Lambda console.',
  },
  durable: {
    group: 'stack',
    looks:
      "Durable functions answer in the bot's region, `run` has a DurableConfig, and its alias points to a published version.",
    remedy: 'Deploy the stack again: durability cannot be switched on for a function that exists without it.',
  },
  'dead-letters': {
    group: 'stack',
    looks: "The functions' queue of dead letters is empty.",
    remedy:
      'Read the messages in the SQS console: each is an event nobody could handle. docs/operating.md says what to do with them.',
  },
  table: {
    group: 'stack',
    looks:
      'The journal table exists, is ACTIVE, has the right keys and a stream, expires items, can be restored to a point in time, and cannot be deleted by accident.',
    remedy: 'Deploy the stack again, or set it in the DynamoDB console.',
  },
  placement: {
    group: 'stack',
    looks: "The journal is in the bot's own region, and that is not the home region of any plan.",
    remedy:
      'Deploy the bot into the dr region, or a third one: in the home region it goes dark with what it saves.',
  },
  'stack-alarms': {
    group: 'stack',
    looks: "The stack's own alarms exist and none of them rings or has no data.",
    remedy: 'docs/operating.md says what to do when each alarm rings.',
  },
  secrets: {
    group: 'stack',
    looks: 'Signing secret and bot token can be read from where they are kept. Their values are never shown.',
    remedy: 'Write the secrets to their place, and allow whoever runs this to read them.',
  },
  'slack-token': {
    group: 'slack',
    looks: "The token works, is a bot's, and belongs to the workspace and the app that are configured.",
    remedy: 'Install the app into the workspace again, and put its bot token where the secrets are.',
  },
  'slack-scopes': {
    group: 'slack',
    looks: 'The token has every scope the bot needs.',
    remedy: 'Add the scope to the app (slack-manifest.json has them all) and install it again.',
  },
  'slack-channel': {
    group: 'slack',
    looks: "The bot is in each plan's channel and can read its history there.",
    remedy: 'Type `/invite @Understudy` in that channel.',
  },
  person: {
    group: 'people',
    looks: 'The people whom a plan names are full members of the workspace.',
    remedy: 'Take them out of the plan, or name somebody who is a full member.',
  },
  login: {
    group: 'people',
    looks:
      'Whoever may break the glass can log in to AWS while the home region is dark: where their Identity Center is.',
    remedy:
      'Give them a second way in that does not need the home region, such as a role in IAM Identity Center of another region or a break-glass IAM user, and name its ARN in `identities`.',
  },
  'terminal-people': {
    group: 'people',
    looks:
      'The plan says who its people are to AWS, so that they can approve in a terminal when Slack is down.',
    remedy: 'List them in `identities`: `aws sts get-caller-identity` says what each is called.',
  },
} as const satisfies Readonly<Record<string, Check>>
export type CheckId = keyof typeof checks
