using System.Text.Json;
using System.Text.Json.Serialization;
using CasFunctions.Cli.Backends;
using CasFunctions.Cli.Login;
using CasFunctions.Cli.Organizations;
using CasFunctions.Cli.Pipelines;
using CasFunctions.Cli.Transfers;
using CasFunctions.Cli.Uploads;

namespace CasFunctions.Cli.Http;

/// <summary>The documents that the program writes. What is absent is not sent.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BackendChange))]
[JsonSerializable(typeof(NewBackend))]
[JsonSerializable(typeof(NewExchange))]
[JsonSerializable(typeof(NewOrganization))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(NewTrust))]
[JsonSerializable(typeof(NewUpload))]
[JsonSerializable(typeof(OrganizationChange))]
[JsonSerializable(typeof(StoredLogin))]
[JsonSerializable(typeof(TransferRecord))]
internal sealed partial class CliJson : JsonSerializerContext;
