using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Backends;

/// <summary>The options of AWS S3 and the stores that speak its API.</summary>
internal sealed class S3Options : IProviderOptions
{
    private readonly Option<string> _bucket = new("--bucket") { Description = "Bucket", HelpName = "NAME", Required = true };
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Address of a store other than AWS, such as Cloudflare R2 or MinIO", HelpName = "URL" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "What the keys of stored content begin with", HelpName = "TEXT" };
    private readonly Option<string?> _keyId = new("--access-key-id") { Description = "Access key id", HelpName = "ID" };
    private readonly SecretOption _key = new("secret-access-key", "secret access key", "CAS_SECRET_ACCESS_KEY");
    private readonly Option<string?> _region = new("--region") { Description = "Region; us-east-1 unless told, auto for Cloudflare R2", HelpName = "NAME" };

    /// <inheritdoc/>
    public string Provider => "aws-s3";

    /// <inheritdoc/>
    public string Meaning => "AWS S3, Cloudflare R2, MinIO or another store with the S3 API";

    /// <inheritdoc/>
    public IEnumerable<Option> Places => [_bucket, _endpoint, _prefix];

    /// <inheritdoc/>
    public IEnumerable<Option> Access => [_keyId, .. _key.Options, _region];

    /// <inheritdoc/>
    public (string[] Add, string[] Update) Examples =>
    (
        [
            "cas backend add aws-s3 --name s3 --bucket evidence --region eu-west-1 --access-key-id AKIA… --secret-access-key-file key.txt",
            "cas backend add aws-s3 --name r2 --bucket evidence --endpoint https://account.r2.cloudflarestorage.com --access-key-id … --secret-access-key-stdin",
        ],
        [
            "cas backend update aws-s3 --name s3 --access-key-id AKIA… --secret-access-key-file new-key.txt --region eu-west-1",
            "cas backend update aws-s3 --name s3 --fallback=true",
        ]
    );

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ReadSettings(CommandRun run) =>
        Members.Of(("bucket", run.Get(_bucket)), ("endpoint", run.Get(_endpoint)), ("prefix", run.Get(_prefix)));

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, string>?> ReadCredentialsAsync(CommandRun run, bool isNew)
    {
        var keyId = run.Get(_keyId);
        if (!isNew && keyId is null && !_key.IsNamed(run) && run.Get(_region) is null)
        {
            return null;
        }

        return keyId is null
            ? throw CliFailure.Usage("The access key id is missing.", "Give both: --access-key-id ID and --secret-access-key-file FILE.")
            : Members.Of(("accessKeyId", keyId), ("secretAccessKey", await _key.RequireAsync(run)), ("region", run.Get(_region)));
    }
}
