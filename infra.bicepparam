// Reads the parameters from environment variables; the Azure Developer CLI sets them with `azd env set`.
using 'infra.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', '')
param rootKey = readEnvironmentVariable('CAS_ROOT_KEY', '')
param mailFrom = readEnvironmentVariable('CAS_MAIL_FROM', '')
param sendGridKey = readEnvironmentVariable('CAS_SENDGRID_KEY', '')
param alertMail = readEnvironmentVariable('CAS_ALERT_MAIL', '')
param publicAddress = readEnvironmentVariable('CAS_PUBLIC_ADDRESS', '')
param privateNetwork = bool(readEnvironmentVariable('CAS_PRIVATE_NETWORK', 'false'))
param zoneRedundant = bool(readEnvironmentVariable('CAS_ZONE_REDUNDANT', 'false'))
