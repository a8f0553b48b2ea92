using System.Text.Json;
using CasFunctions.Security;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Providers.S3;

/// <summary>
/// Amazon S3 and the stores that speak its API, such as Cloudflare R2, MinIO and Ceph. Settings are <c>bucket</c> and optionally
/// <c>endpoint</c> (absent for AWS) and <c>prefix</c>; credentials are <c>accessKeyId</c>, <c>secretAccessKey</c> and optionally
/// <c>region</c>. The rights s3:ListBucket on the bucket and s3:GetObject and s3:PutObject on its objects are enough.
/// </summary>
/// <param name="outbound">Where all connections come from.</param>
/// <param name="time">Clock of time-outs and pauses.</param>
/// <param name="logger">The stores' log.</param>
public sealed class S3BlobProvider(OutboundHandlerFactory outbound, TimeProvider time, ILogger<S3BlobStore> logger) : IBlobProvider
{
    /// <inheritdoc/>
    public string Kind => "aws-s3";

    /// <inheritdoc/>
    public bool KeepsAbandoned => true;

    /// <inheritdoc/>
    public BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials)
    {
        var place = S3SettingsReader.ReadSettings(settings, outbound);
        var secret = credentials is { ValueKind: not JsonValueKind.Null } entered
            ? S3SettingsReader.ReadCredentials(entered, place)
            : throw new BackendSettingsException("credentials", "Enter accessKeyId and secretAccessKey.");
        return new BackendConfiguration(
            place.Location,
            JsonSerializer.Serialize(place, S3JsonContext.Default.S3Settings),
            JsonSerializer.Serialize(secret, S3JsonContext.Default.S3Credentials));
    }

    /// <inheritdoc/>
    public string ConfigureCredentials(string organization, string settings, JsonElement credentials) =>
        JsonSerializer.Serialize(
            S3SettingsReader.ReadCredentials(credentials, ReadStored(settings)), S3JsonContext.Default.S3Credentials);

    /// <inheritdoc/>
    public IBlobStore Open(BackendConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var credentials = JsonSerializer.Deserialize(connection.Credentials ?? "null", S3JsonContext.Default.S3Credentials)
            ?? throw new InvalidOperationException($"The credentials of backend {connection.Backend} are missing.");
        return new S3BlobStore(connection.Backend, ReadStored(connection.Settings), credentials, outbound.Handler, time, logger);
    }

    private static S3Settings ReadStored(string settings) =>
        JsonSerializer.Deserialize(settings, S3JsonContext.Default.S3Settings)
            ?? throw new InvalidOperationException("The stored settings of an S3 backend are empty.");
}
