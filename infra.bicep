// Everything that the service needs in one resource group. See docs/deploy.md.
targetScope = 'resourceGroup'

metadata description = 'CasFunctions: a content-addressable storage proxy on Azure Functions Flex Consumption.'

// ---------------------------------------------------------------- Parameters

@description('The region. It has to offer Flex Consumption with .NET 10.')
param location string = resourceGroup().location

@description('What the names of the resources begin with.')
@minLength(2)
@maxLength(12)
param namePrefix string = 'cas'

@description('The name of the environment of the Azure Developer CLI; empty without it.')
param environmentName string = ''

@description('The operator\'s key, which creates organizations and mints owner tokens: 20 characters and more. Empty keeps the vault\'s.')
@secure()
param rootKey string = ''

@description('The sender of mails to owners, an address that SendGrid knows as verified. Empty: owners get no mails.')
param mailFrom string = ''

@description('SendGrid\'s API key with the right "Mail Send" alone. Empty leaves the one in the vault as it is.')
@secure()
param sendGridKey string = ''

@description('SendGrid\'s address, such as https://api.eu.sendgrid.com for its data centre in the EU.')
param sendGridHost string = 'https://api.sendgrid.com'

@description('The address under which clients reach the service, when it has a domain of its own.')
param publicAddress string = ''

@description('Memory of an instance. A quarter of it is the buffer memory of uploads.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Requests that an instance serves at once. By default as many as can upload at full speed within the buffer memory.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int = instanceMemoryMB / 160

@description('The most instances.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that wait for requests at all times, so that the first one is not slow. They cost money around the clock.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('The largest request body in bytes, chunked ones included. A larger one is answered 500 by the platform, not 413.')
@minValue(33554432)
param requestBodyLimit int = 4294967296

@description('Spread the instances and the storage account over the zones of the region, which has to have zones.')
param zoneRedundant bool = false

@description('The redundancy of the storage account. What is lost there is the index of all artifacts.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

@description('Put the app into a virtual network, and reach the storage account and the vault by private endpoints only.')
param privateNetwork bool = false

@description('Leave the virtual network through a NAT gateway, with one fixed address that stores can be opened for.')
param natGateway bool = privateNetwork

@description('The address space of the virtual network, at least a /22.')
param networkPrefix string = '10.20.0.0/22'

@description('Whether the vault can be reached from outside of the virtual network. Authentication is asked for in any case.')
param vaultPublicAccess bool = !privateNetwork

@description('Networks in CIDR notation that backends may be in although they are not public.')
param outboundNetworks string[] = []

@description('Ports besides 443 that backends may use.')
param outboundPorts int[] = []

@description('What organizations may reach with the app\'s identity, each as organization/account/container.')
param managedIdentityContainers string[] = []

@description('Further settings of the app by their names as environment variables.')
param moreSettings object = {}

@description('Days for which the audit log is kept; 0 for ever.')
@minValue(0)
@maxValue(36500)
param auditRetentionDays int = 365

@description('Days for which logs and traces are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Who is told of alerts. Empty: alerts are only shown in the portal.')
param alertMail string = ''

@description('Failed requests (5xx) in five minutes that raise the alert.')
@minValue(1)
param failedRequestsThreshold int = 10

// ---------------------------------------------------------------- Names and constants

var suffix = uniqueString(resourceGroup().id, namePrefix)
var appName = toLower('${namePrefix}-${suffix}')
var clientAddress = empty(publicAddress) ? 'https://${appName}.azurewebsites.net' : publicAddress
var tags = empty(environmentName) ? {} : { 'azd-env-name': environmentName }

// The app names its containers after its table prefix.
var tablePrefix = 'Cas'
var packageContainer = 'package'
var stagingContainer = 'cas-staging'

// Deleted names stay taken, and the app writes secrets of its own beside these two: theirs have three parts more.
var rootKeySecret = 'operator-root-key'
var sendGridSecret = 'operator-sendgrid-key'

// What an upload at full speed holds: one part of 8 MiB that fills, three in flight, one to spare.
var uploadMB = 40
var uploadMemory = instanceMemoryMB / 4 * 1048576
var concurrency = perInstanceConcurrency * uploadMB <= instanceMemoryMB / 4
  ? perInstanceConcurrency
  : fail('perInstanceConcurrency is more than the instance memory serves: at most a 160th of instanceMemoryMB')

// Built-in roles.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// ---------------------------------------------------------------- Identity and monitoring

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${appName}'
  location: location
  tags: tags
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${appName}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${appName}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publishesMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, metricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

// ---------------------------------------------------------------- Storage: the app's tables, staged uploads, the app's package

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: take('${toLower(replace(namePrefix, '-', ''))}${suffix}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: storageSku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'None'
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = {
      name: packageContainer
    }

    resource staging 'containers' = {
      name: stagingContainer
    }
  }

  // Sessions live for a day. The app removes what it staged; this is for what a killed instance left behind.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    dependsOn: [blobs]
    properties: {
      policy: {
        rules: [
          {
            name: 'staged-uploads'
            type: 'Lifecycle'
            enabled: true
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${stagingContainer}/']
              }
              actions: {
                baseBlob: {
                  delete: { daysAfterModificationGreaterThan: 7 }
                }
              }
            }
          }
        ]
      }
    }
  }
}

// The account holds nothing but the app's own. The Functions host makes containers in it for its leases and keys, and demands this role.
resource ownsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, blobDataOwner)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

resource writesTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, tableDataContributor)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
}

// ---------------------------------------------------------------- Key Vault: the backends' credentials, the root key, SendGrid's key

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('kv-${appName}', 24)
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: vaultPublicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: vaultPublicAccess ? 'Allow' : 'Deny'
    }
  }

  resource root 'secrets' = if (!empty(rootKey)) {
    name: rootKeySecret
    properties: { value: rootKey, contentType: 'text/plain' }
  }

  resource sendGrid 'secrets' = if (!empty(sendGridKey)) {
    name: sendGridSecret
    properties: { value: sendGridKey, contentType: 'text/plain' }
  }
}

resource vaultLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

// Writing, disabling and deleting one secret per backend takes this role.
resource keepsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsOfficer)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

// ---------------------------------------------------------------- Virtual network, when asked for

resource outboundAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = if (privateNetwork && natGateway) {
  name: 'pip-${appName}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource nat 'Microsoft.Network/natGateways@2024-05-01' = if (privateNetwork && natGateway) {
  name: 'ng-${appName}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: outboundAddress.id }] }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = if (privateNetwork) {
  name: 'vnet-${appName}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [networkPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(networkPrefix, 24, 0)
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
          natGateway: natGateway ? { id: nat.id } : null
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: cidrSubnet(networkPrefix, 24, 1) }
      }
    ]
  }
}

var endpoints = [
  { name: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'table', zone: 'privatelink.table.${environment().suffixes.storage}' }
  { name: 'vault', zone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}' }
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for endpoint in endpoints: if (privateNetwork) {
    name: endpoint.zone
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (endpoint, i) in endpoints: if (privateNetwork) {
    parent: zones[i]
    name: network.name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for endpoint in endpoints: if (privateNetwork) {
    name: 'pep-${endpoint.name}-${appName}'
    location: location
    tags: tags
    properties: {
      subnet: { id: '${network.id}/subnets/endpoints' }
      privateLinkServiceConnections: [
        {
          name: endpoint.name
          properties: {
            privateLinkServiceId: endpoint.name == 'vault' ? vault.id : storage.id
            groupIds: [endpoint.name]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (endpoint, i) in endpoints: if (privateNetwork) {
    parent: privateEndpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: endpoint.name, properties: { privateDnsZoneId: zones[i].id } }]
    }
  }
]

// ---------------------------------------------------------------- The app

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${appName}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

var settings = union(
  {
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

    // The host's own storage. It needs no queue: there are HTTP and timer triggers only.
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.properties.clientId
    AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
    AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
    AzureWebJobsDisableHomepage: 'true'
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(requestBodyLimit)

    Cas__RootKey: '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${rootKeySecret})'
    Cas__PublicAddress: clientAddress
    Cas__Storage__BlobServiceUri: storage.properties.primaryEndpoints.blob
    Cas__Storage__TableServiceUri: storage.properties.primaryEndpoints.table
    Cas__Storage__ManagedIdentityClientId: identity.properties.clientId
    Cas__Storage__TablePrefix: tablePrefix
    Cas__Secrets__KeyVaultUri: vault.properties.vaultUri
    Cas__Secrets__ManagedIdentityClientId: identity.properties.clientId
    Cas__Uploads__MemoryBudget: string(uploadMemory)
    Cas__Audit__RetentionDays: string(auditRetentionDays)
  },
  empty(mailFrom)
    ? {}
    : {
        Cas__Mail__From: mailFrom
        Cas__Mail__SendGridHost: sendGridHost
        Cas__Mail__SendGridKey: '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${sendGridSecret})'
      },
  toObject(range(0, length(outboundNetworks)), i => 'Cas__Outbound__AllowedNetworks__${i}', i => outboundNetworks[i]),
  toObject(range(0, length(outboundPorts)), i => 'Cas__Outbound__AllowedPorts__${i}', i => string(outboundPorts[i])),
  toObject(
    range(0, length(managedIdentityContainers)),
    i => 'Cas__Backends__ManagedIdentityContainers__${i}',
    i => managedIdentityContainers[i]
  ),
  moreSettings
)

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'cas' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  // The app reads its settings from the vault and its package from the container as soon as it exists.
  dependsOn: [
    ownsBlobs
    writesTables
    keepsSecrets
    publishesMetrics
    storage::blobs::packages
    storage::blobs::staging
    zoneGroups
    zoneLinks
  ]
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: privateNetwork ? '${network.id}/subnets/app' : null
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: { http: { perInstanceConcurrency: concurrency } }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
    }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noScmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

// ---------------------------------------------------------------- Alerts

resource alertGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertMail)) {
  name: 'ag-${appName}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(namePrefix, 12)
    emailReceivers: [{ name: 'operator', emailAddress: alertMail, useCommonAlertSchema: true }]
  }
}

var alerts = [
  {
    name: 'failed-requests'
    description: 'Many requests are answered with 5xx. 503 with Retry-After means: too few instances or too little memory for the uploads.'
    severity: 1
    // The app's rows have the status. The host's have the code 0, and tell of calls that never got to the app, or killed it.
    query: '''
AppRequests
| where toint(ResultCode) between (500 .. 599) or (ResultCode == "0" and Success == false)
| summarize Value = sum(ItemCount)
'''
    window: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: failedRequestsThreshold
  }
  {
    name: 'invalid-backend'
    description: 'A backend became invalid: the organization\'s uploads go to its fallback or fail. Its owners have been told by mail.'
    severity: 2
    query: '''
AppTraces
| where Message matches regex @"^Backend \S+ of organization \S+ was \w+ and is Invalid"
| summarize Value = count()
'''
    window: 'PT15M'
    operator: 'GreaterThanOrEqual'
    threshold: 1
  }
  {
    name: 'validation-not-run'
    description: 'The timer that checks the backends every five minutes has not run successfully for half an hour.'
    severity: 2
    query: 'AppRequests | where OperationName has "ValidateBackends" and Success | summarize Value = count()'
    window: 'PT30M'
    operator: 'LessThan'
    threshold: 1
  }
]

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${alert.name}-${appName}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${appName}: ${alert.name}'
      description: alert.description
      enabled: true
      severity: alert.severity
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      autoMitigate: true
      // A new workspace may not have the tables yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            metricMeasureColumn: 'Value'
            timeAggregation: 'Total'
            operator: alert.operator
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(alertMail) ? [] : [alertGroup.id] }
    }
  }
]

// ---------------------------------------------------------------- Outputs

@description('Where the service answers.')
output baseAddress string = 'https://${app.properties.defaultHostName}'

@description('The object id of the app\'s identity, for roles on accounts that organizations reach with it.')
output principalId string = identity.properties.principalId

@description('The function app\'s name.')
output functionAppName string = app.name

@description('The vault\'s name.')
output vaultName string = vault.name

@description('The fixed outgoing address; empty without a NAT gateway.')
output outboundAddress string = privateNetwork && natGateway ? outboundAddress!.properties.ipAddress : ''
