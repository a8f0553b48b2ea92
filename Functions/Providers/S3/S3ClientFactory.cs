using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using CasFunctions.Security;
using Microsoft.AspNetCore.WebUtilities;

namespace CasFunctions.Providers.S3;

/// <summary>Makes the SDK's client so that its requests suit AWS and all compatible stores alike.</summary>
internal static class S3ClientFactory
{
    /// <summary>Makes a client that sends all its requests through <paramref name="handler"/>.</summary>
    public static AmazonS3Client Create(S3Settings settings, S3Credentials credentials, HttpMessageHandler handler)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = new SharedClient(
                new HttpClient(new StoreHandler(handler), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }),
            // S3Calls is the one place that repeats requests.
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            // By default the SDK appends CRC trailers, which radosgw and Swift refuse. What is sent is signed with its SHA-256, and what
            // is read is hashed by the caller.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            // The environment of this app says nothing about its tenants' stores.
            IgnoreConfiguredEndpointUrls = true,
            DefaultConfigurationMode = DefaultConfigurationMode.Standard,
            UseArnRegion = false,
        };
        if (settings.Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(credentials.Region);
        }
        else
        {
            config.ServiceURL = settings.Endpoint;
            config.AuthenticationRegion = credentials.Region;
            config.ForcePathStyle = true;
        }

        return new AmazonS3Client(new BasicAWSCredentials(credentials.AccessKeyId, credentials.SecretAccessKey), config);
    }

    private sealed class SharedClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    /// <summary>
    /// Takes the <c>Expect: 100-continue</c> away that the SDK adds to each PUT: it costs a round trip, a whole second at stores that
    /// don't know it, and after a refusal .NET still sends bodies of up to 1 KiB, which Ceph then takes for the next request. And bounds
    /// lists, of which the SDK would read one without an end until memory is full.
    /// </summary>
    private sealed class StoreHandler(HttpMessageHandler handler) : DelegatingHandler(handler)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = false;
            var response = await base.SendAsync(request, cancellationToken);
            if (IsList(request))
            {
                response.Content = new BoundedContent(response.Content);
            }

            return response;
        }

        private static bool IsList(HttpRequestMessage request) =>
            request.Method == HttpMethod.Get
            && QueryHelpers.ParseNullableQuery(request.RequestUri!.Query) is { } query
            && (query.ContainsKey("list-type") || query.ContainsKey("uploads"));
    }
}
