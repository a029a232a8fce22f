import * as apigatewayv2 from '@aws-sdk/client-apigatewayv2'
import * as scaling from '@aws-sdk/client-application-auto-scaling'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as ecs from '@aws-sdk/client-ecs'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import * as sts from '@aws-sdk/client-sts'

/** The services of the product: name for tests, signing name, client module, client class. */
export const eight = [
  ['rds', 'rds', rds, rds.RDSClient],
  ['ecs', 'ecs', ecs, ecs.ECSClient],
  ['application-auto-scaling', 'application-autoscaling', scaling, scaling.ApplicationAutoScalingClient],
  ['elbv2', 'elasticloadbalancing', elbv2, elbv2.ElasticLoadBalancingV2Client],
  ['route-53', 'route53', route53, route53.Route53Client],
  ['cloudwatch', 'monitoring', cloudwatch, cloudwatch.CloudWatchClient],
  ['apigatewayv2', 'apigateway', apigatewayv2, apigatewayv2.ApiGatewayV2Client],
  ['sts', 'sts', sts, sts.STSClient],
] as const

export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

/** The probe profile: what a look at a region that may be dark is given. */
export const probe = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 400,
    requestTimeout: 1_200,
    throwOnRequestTimeout: true,
    socketTimeout: 1_200,
  },
}
