using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using CasFunctions.Security;

namespace CasFunctions.Providers.S3;

/// <summary>
/// Turns what the SDK throws into <see cref="ProviderException"/>. The codes are those of
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and of the compatible stores. A store's own messages are never
/// passed on: they may repeat parts of the request.
/// </summary>
internal static class S3Failures
{
    private const string ClockWords =
        "The store's clock and this service's clock differ by more than the store allows; one of them has to be set right.";

    /// <summary>The time-out of <see cref="ProviderRetry"/> ended a call.</summary>
    public static ProviderException NoAnswer(Exception cause) =>
        new(ProviderErrorKind.Unreachable, "The store did not answer in time.", cause);

    /// <summary>
    /// True when the store keeps the object that is at the key and takes no other, as the operator's rules for the bucket or the
    /// store's write-once mode demand.
    /// </summary>
    public static bool ForbidsOverwriting(AmazonServiceException answer) => answer switch
    {
        { StatusCode: HttpStatusCode.PreconditionFailed } => true,
        { ErrorCode: "FileAlreadyExists" or "FileImmutable" or "ObjectAlreadyExists" or "ObjectLocked" } => true,
        { ErrorCode: "InvalidRequest" } => answer.Message.Contains("WORM", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>True when the store asks for Content-MD5 on this request, as AWS does where Object Lock retains new objects.</summary>
    public static bool DemandsContentMd5(AmazonServiceException answer) =>
        answer.ErrorCode is "MissingContentMD5"
            || (answer.ErrorCode is "InvalidRequest" && answer.Message.Contains("Content-MD5", StringComparison.OrdinalIgnoreCase));

    /// <summary>True when the store refused a body because it is not what its headers announced.</summary>
    public static bool RefusesBody(AmazonServiceException answer) =>
        answer.ErrorCode is "BadDigest" or "XAmzContentSHA256Mismatch" or "InvalidDigest" or "XAmzContentChecksumMismatch";

    /// <summary>Tells what a failure means.</summary>
    public static ProviderException Translate(Exception error, S3Operation operation)
    {
        if (OutboundRefusedException.Find(error) is { } refused)
        {
            return new ProviderException(ProviderErrorKind.AddressRefused, refused.Message, error);
        }

        var (kind, words) = error is AmazonServiceException { StatusCode: not default(HttpStatusCode) } answer
            ? FromAnswer(answer, operation)
            : Causes(error).Select(FromConnection).FirstOrDefault(known => known is not null)
                ?? (ProviderErrorKind.Unexpected, $"The call to the store failed ({error.GetType().Name}).");
        return new ProviderException(kind, words, error);
    }

    private static (ProviderErrorKind Kind, string Words) FromAnswer(AmazonServiceException answer, S3Operation operation) =>
        FromCode(answer, operation) ?? FromStatus(answer, operation);

    private static (ProviderErrorKind Kind, string Words)? FromCode(AmazonServiceException answer, S3Operation operation) =>
        answer.ErrorCode switch
        {
            "NoSuchKey" => (ProviderErrorKind.BlobNotFound, "The store has no object at this digest's key."),
            "NoSuchBucket" => (ProviderErrorKind.Misconfigured, "The bucket does not exist at this store or in this region."),
            "InvalidBucketName" => (ProviderErrorKind.Misconfigured, "The store does not accept the bucket's name."),
            "NoSuchUpload" => (ProviderErrorKind.UploadLost, "The store does not know this upload any more."),
            "InvalidPart" => (ProviderErrorKind.UploadLost, "The store does not have the upload's parts as they were sent."),

            "InvalidAccessKeyId" or "InvalidClientTokenId" or "AccessKeyDisabled" =>
                (ProviderErrorKind.CredentialsRefused, "The store does not know the access key id, or it is disabled."),
            "SignatureDoesNotMatch" =>
                (ProviderErrorKind.CredentialsRefused, "The secret access key does not belong to the access key id."),
            "ExpiredToken" or "TokenRefreshRequired" => (ProviderErrorKind.CredentialsRefused, "The credentials have expired."),
            "InvalidToken" or "InvalidSecurity" or "Unauthorized" =>
                (ProviderErrorKind.CredentialsRefused, "The store does not accept the credentials."),
            // R2's answer to an access key of another store.
            "InvalidArgument" when answer.Message.Contains("access key", StringComparison.OrdinalIgnoreCase) =>
                (ProviderErrorKind.CredentialsRefused, "The access key id is not one of this store's."),

            // The SDK learns the difference from the answer's Date header, so that the next try may pass.
            "RequestTimeTooSkewed" or "RequestExpired" => (ProviderErrorKind.Unavailable, ClockWords),

            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "InvalidRegionName" or "IllegalLocationConstraintException"
                or "TemporaryRedirect" => (ProviderErrorKind.Misconfigured, RegionWords(answer)),
            "InvalidObjectState" =>
                (ProviderErrorKind.Misconfigured, "The object was moved to an archive and has to be restored before it can be read."),
            "EntityTooLarge" => (ProviderErrorKind.Rejected, "The content is larger than the store accepts."),

            "QuotaExceeded" or "XMinioAdminBucketQuotaExceeded" or "TooManyObjects" =>
                (ProviderErrorKind.Forbidden, "The store refuses more content: its quota is used up."),
            "AccountProblem" or "AllAccessDisabled" or "NotSignedUp" or "UserSuspended" =>
                (ProviderErrorKind.Forbidden, "The store has closed the account or the bucket."),

            "SlowDown" or "InternalError" or "ServiceUnavailable" or "RequestTimeout" or "Throttling" or "TooManyRequests"
                or "OperationAborted" or "ConditionalRequestConflict" => Unavailable(answer),
            "MethodNotAllowed" or "NotImplemented" => (ProviderErrorKind.Misconfigured, NotS3("refuses the request as unknown")),
            { } code when RefusesBody(answer) =>
                (ProviderErrorKind.Rejected, $"The store received other bytes than were sent ({code})."),
            { } code when code.StartsWith("KMS.", StringComparison.Ordinal) =>
                (ProviderErrorKind.Misconfigured, $"The key that encrypts the bucket can't be used ({Clean(code)})."),
            _ => null,
        };

    private static (ProviderErrorKind Kind, string Words) FromStatus(AmazonServiceException answer, S3Operation operation) =>
        (int)answer.StatusCode switch
        {
            301 or 302 or 307 or 308 => (ProviderErrorKind.Misconfigured, RegionWords(answer)),
            401 => (ProviderErrorKind.CredentialsRefused, "The store does not accept the credentials."),
            403 => (ProviderErrorKind.Forbidden, $"The credentials lack the right {RightOf(operation)}."),
            // An answer to HEAD has no body and so no code.
            404 when operation == S3Operation.Read => (ProviderErrorKind.BlobNotFound, "The store has no object at this digest's key."),
            404 => (ProviderErrorKind.Misconfigured, NotS3("answers, but not as an S3 API")),
            405 or 501 => (ProviderErrorKind.Misconfigured, NotS3("refuses the request as unknown")),
            413 => (ProviderErrorKind.Rejected, "The content is larger than the store accepts."),
            429 or >= 500 => Unavailable(answer),
            // An error in a body that began with 200.
            200 => Unavailable(answer),
            _ => (ProviderErrorKind.Unexpected, $"The store answered {Described(answer)}."),
        };

    private static (ProviderErrorKind Kind, string Words)? FromConnection(Exception cause) => cause switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }
            or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } =>
            (ProviderErrorKind.Unreachable, "The store's host name can't be resolved."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or AuthenticationException =>
            (ProviderErrorKind.Unreachable, "No TLS connection to the store: it offers none, or its certificate is not trusted."),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            (ProviderErrorKind.Unreachable, "The store's host refuses connections."),
        // The connection's own time-out.
        OperationCanceledException or TimeoutException => (ProviderErrorKind.Unreachable, "The store did not answer in time."),
        SocketException => (ProviderErrorKind.Unreachable, "The store can't be reached."),
        HttpRequestException { InnerException: null } or IOException { InnerException: null } =>
            (ProviderErrorKind.Unreachable, "The connection to the store was cut."),
        XmlException or AmazonUnmarshallingException => (ProviderErrorKind.Misconfigured, NotS3("answers, but not as an S3 API")),
        _ => null,
    };

    private static (ProviderErrorKind Kind, string Words) Unavailable(AmazonServiceException answer) =>
        (ProviderErrorKind.Unavailable, $"The store can't serve now: it answered {Described(answer)}.");

    private static string RegionWords(AmazonServiceException answer)
    {
        var region = Clean(RegionHeader(answer) ?? ExpectedRegion(answer.Message));
        return region.Length > 0
            ? $"The bucket is in the region {region}; enter that region with the credentials."
            : "The bucket is in another region or at another endpoint.";
    }

    private static string? RegionHeader(AmazonServiceException answer) =>
        answer.InnerException is HttpErrorResponseException { Response: { } response }
            && response.IsHeaderPresent("x-amz-bucket-region")
                ? response.GetHeaderValue("x-amz-bucket-region")
                : null;

    // AWS and MinIO name the region in the message alone: "the region 'us-east-1' is wrong; expecting 'eu-west-1'".
    private static string? ExpectedRegion(string message) =>
        message.Split("expecting '", 2) is [_, var rest] ? rest.Split('\'')[0] : null;

    private static string RightOf(S3Operation operation) => operation switch
    {
        S3Operation.Read => "s3:GetObject on the bucket's objects",
        S3Operation.Write or S3Operation.Complete => "s3:PutObject on the bucket's objects",
        S3Operation.List => "s3:ListBucket on the bucket",
        S3Operation.Abort => "s3:AbortMultipartUpload on the bucket's objects",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private static string NotS3(string what) => $"The host {what}; check endpoint and bucket.";

    private static string Described(AmazonServiceException answer) => $"{(int)answer.StatusCode} {Clean(answer.ErrorCode)}".TrimEnd();

    // Codes and regions come from a foreign host and go into a message for people.
    private static string Clean(string? name) =>
        name is { Length: <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? name : "";

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
