using System.Net.Sockets;
using System.Security.Authentication;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using CasFunctions.Security;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>Says Azure's failures in our terms.</summary>
internal static class AzureBlobFailures
{
    /// <summary>True when the blob is missing, but its container is there.</summary>
    public static bool IsBlobMissing(RequestFailedException failure) =>
        failure.Status == 404 && failure.ErrorCode != BlobErrorCode.ContainerNotFound;

    /// <summary>True when an immutability policy or a lease keeps what is at the key.</summary>
    public static bool ForbidsOverwriting(RequestFailedException failure) =>
        failure.ErrorCode is "BlobImmutableDueToPolicy" or "BlobImmutableDueToLegalHold"
        || failure.ErrorCode == BlobErrorCode.LeaseIdMissing
        || failure.ErrorCode == BlobErrorCode.SnapshotsPresent;

    /// <summary>True when the credentials themselves are not accepted, as against a right that they lack.</summary>
    public static bool AreCredentialsRefused(RequestFailedException failure) =>
        failure.Status == 401
        || failure.ErrorCode is "InvalidAuthenticationInfo" or "KeyBasedAuthenticationNotPermitted"
        || failure.ErrorCode == BlobErrorCode.AuthenticationFailed;

    /// <summary>Translates what the SDK throws; null for what isn't a store's failure.</summary>
    public static ProviderException? Translate(Exception failure) => failure switch
    {
        ProviderException same => same,
        _ when OutboundRefusedException.Find(failure) is { } refused => new(ProviderErrorKind.AddressRefused, refused.Message, failure),
        AuthenticationFailedException refused => FromAuthentication(refused),
        RequestFailedException refused => FromAnswer(refused),
        AggregateException { InnerException: { } inner } => Translate(inner),
        HttpRequestException or IOException or SocketException or AuthenticationException => FromConnection(failure),
        _ => null,
    };

    private static ProviderException FromAuthentication(AuthenticationFailedException failure) =>
        Find<HttpRequestException>(failure) is not null || Find<SocketException>(failure) is not null
            ? new ProviderException(ProviderErrorKind.Unreachable, "The service that issues Azure's tokens can't be reached.", failure)
            : new ProviderException(
                ProviderErrorKind.CredentialsRefused,
                "Entra ID refused the service principal: the tenant, the client id or the client secret is wrong or has expired.",
                failure);

    private static ProviderException FromAnswer(RequestFailedException failure)
    {
        if (failure.Status == 0)
        {
            return FromConnection(failure);
        }

        if (AreCredentialsRefused(failure))
        {
            return new(ProviderErrorKind.CredentialsRefused, "The storage account refused the credentials.", failure);
        }

        if (failure.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return new(ProviderErrorKind.Misconfigured, "The container does not exist.", failure);
        }

        return failure.Status switch
        {
            403 => new(
                ProviderErrorKind.Forbidden,
                "The credentials lack a right on the container. They need the role Storage Blob Data Contributor.",
                failure),
            404 => new(ProviderErrorKind.BlobNotFound, "The storage account has no such blob.", failure),
            413 => new(ProviderErrorKind.Rejected, "The storage account refused the content as too large.", failure),
            408 or 429 or >= 500 => new(
                ProviderErrorKind.Unavailable, $"The storage account answers {failure.Status}: it can't serve at the moment.", failure),
            _ => new(ProviderErrorKind.Unexpected, $"The storage account answers {failure.Status} {failure.ErrorCode}.", failure),
        };
    }

    private static ProviderException FromConnection(Exception failure)
    {
        var message = Find<SocketException>(failure) switch
        {
            { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
                "The storage account's host name is unknown. Is the account's name right?",
            { SocketErrorCode: SocketError.ConnectionRefused } => "The storage account's host refuses connections.",
            _ when Find<AuthenticationException>(failure) is not null =>
                "The TLS connection to the storage account failed: its certificate is not trusted.",
            _ => "The connection to the storage account failed or broke off.",
        };
        return new ProviderException(ProviderErrorKind.Unreachable, message, failure);
    }

    private static T? Find<T>(Exception? failure)
        where T : Exception
    {
        for (var current = failure; current is not null; current = current.InnerException)
        {
            if (current is T found)
            {
                return found;
            }
        }

        return null;
    }
}
