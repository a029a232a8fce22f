import { expect, test } from 'vitest'
import { type Template, templateFaults } from '../../deploy/check/template.ts'

/** As `Fn::Sub` writes what is to be filled in. */
const of = (name: string) => `\${${name}}`

/** A small template that is right, with another set of resources over it. */
const withResources = (resources: Readonly<Record<string, unknown>>): Template =>
  ({
    Conditions: { IsProduction: {} },
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17' }, Tags: [{ Key: 'a', Value: 'b' }] },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        DependsOn: ['Role'],
        Properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { ZipFile: '' },
          MemorySize: { 'Fn::If': ['IsProduction', 1024, { Ref: 'AWS::NoValue' }] },
          Environment: {
            Variables: {
              QUEUE: { 'Fn::Sub': `${of('Queue.Arn')} in ${of('AWS::Region')} ${of('!Literal')}` },
            },
          },
        },
      },
      ...resources,
    },
    Outputs: { Name: { Value: { Ref: 'Queue' } } },
  }) as Template

const functionWith = (properties: Readonly<Record<string, unknown>>) =>
  withResources({
    Function: { Type: 'AWS::Lambda::Function', Properties: { Role: 'r', Code: {}, ...properties } },
  })

test('a template that is right has no faults', () => {
  expect(templateFaults(withResources({}))).toEqual([])
})

test.each([
  [
    'a type that AWS does not have',
    { X: { Type: 'AWS::Lambda::Funktion' } },
    'X: there is no type AWS::Lambda::Funktion',
  ],
  [
    'an attribute that resources do not have',
    { X: { Type: 'AWS::SQS::Queue', Retain: true } },
    'X.Retain: no attribute of a resource',
  ],
  [
    'a missing property',
    { X: { Type: 'AWS::SNS::Subscription', Properties: { Protocol: 'email' } } },
    'X.TopicArn: is missing',
  ],
  ['dependence on nothing', { X: { Type: 'AWS::SQS::Queue', DependsOn: 'Y' } }, 'X.DependsOn: there is no Y'],
  [
    'a condition that is not there',
    { X: { Type: 'AWS::SQS::Queue', Condition: 'IsMonday' } },
    'X: there is no condition IsMonday',
  ],
  [
    'a tag without a value',
    { X: { Type: 'AWS::SQS::Queue', Properties: { Tags: [{ Key: 'a' }] } } },
    'X.Tags[0].Value: is missing',
  ],
])('%s', (_, resources, fault) => {
  expect(templateFaults(withResources(resources))).toEqual([fault])
})

test.each([
  ['an unknown property', { MemorySise: 512 }, 'Function.MemorySise: unknown'],
  ['a string for a number', { MemorySize: '512' }, 'Function.MemorySize: "512" is no integer'],
  ['half of an integer', { Timeout: 1.5 }, 'Function.Timeout: 1.5 is no integer'],
  ['a number for a string', { Handler: 1 }, 'Function.Handler: 1 is no string'],
  ['a string for a list', { Architectures: 'arm64' }, 'Function.Architectures: is no list'],
  ['a wrong item of a list', { Architectures: ['arm64', 64] }, 'Function.Architectures[1]: 64 is no string'],
  ['a list for a map', { Environment: { Variables: ['a'] } }, 'Function.Environment.Variables: is no map'],
  [
    'a wrong value of a map',
    { Environment: { Variables: { A: 1 } } },
    'Function.Environment.Variables.A: 1 is no string',
  ],
  ['a string for an object', { DurableConfig: 'yes' }, 'Function.DurableConfig: is no object'],
  [
    'something missing deep inside',
    { DurableConfig: { RetentionPeriodInDays: 9 } },
    'Function.DurableConfig.ExecutionTimeout: is missing',
  ],
  [
    'something unknown deep inside',
    { DurableConfig: { ExecutionTimeout: 9, Retention: 9 } },
    'Function.DurableConfig.Retention: unknown',
  ],
  [
    'a wrong way of a choice',
    { Timeout: { 'Fn::If': ['IsProduction', '9', 9] } },
    'Function.Timeout: "9" is no integer',
  ],
  [
    'a choice by a condition that is not there',
    { Timeout: { 'Fn::If': ['IsMonday', 8, 9] } },
    'Function.Timeout: there is no condition IsMonday',
  ],
  ['a reference to nothing', { Handler: { Ref: 'Nothing' } }, 'Function.Handler: there is no Nothing'],
  [
    'an attribute of nothing',
    { Handler: { 'Fn::GetAtt': ['Nothing', 'Arn'] } },
    'Function.Handler: there is no resource Nothing',
  ],
  [
    'an attribute that a type does not have',
    { Handler: { 'Fn::GetAtt': ['Queue', 'StreamArn'] } },
    'Function.Handler: AWS::SQS::Queue has no attribute StreamArn',
  ],
  [
    'a substitution of nothing',
    { Handler: { 'Fn::Sub': of('Nothing') } },
    'Function.Handler: there is no Nothing',
  ],
  [
    'a substitution of an attribute that is not there',
    { Handler: { 'Fn::Sub': [of('A') + of('Queue.Url'), { A: 'a' }] } },
    'Function.Handler: AWS::SQS::Queue has no attribute Url',
  ],
])('%s', (_, properties, fault) => {
  expect(templateFaults(functionWith(properties))).toEqual([fault])
})

test('an output of nothing', () => {
  const template = { ...withResources({}), Outputs: { Name: { Value: { Ref: 'Nothing' } } } }
  expect(templateFaults(template)).toEqual(['Outputs.Name.Value: there is no Nothing'])
})
