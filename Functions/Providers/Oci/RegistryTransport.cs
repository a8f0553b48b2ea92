using System.Security.Authentication;
using CasFunctions.Security;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// Sends requests to registries, token servers and the storage they redirect to, and words what goes wrong on the way. Which of the
/// addresses that registries name may be reached, and whether without TLS, is the guarded handler's to judge at each request.
/// </summary>
/// <param name="http">A client over the guarded handler, without a time-out of its own.</param>
/// <param name="allowsPlainHttp">Whether the operator lets an address be spoken to without TLS.</param>
/// <param name="time">Clock of the time-outs.</param>
public sealed class RegistryTransport(HttpClient http, Func<Uri, bool> allowsPlainHttp, TimeProvider time)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The address that a repository's registry answers at.</summary>
    public Uri AddressOf(OciRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository.Address(allowsPlainHttp);
    }

    /// <summary>
    /// Sends a request and returns when the answer's head is there.
    /// </summary>
    /// <param name="request">The request. Redirects are not followed.</param>
    /// <param name="timeout">How long to wait for the answer's head, or infinite.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">There is no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var address = request.RequestUri!;
        request.Headers.UserAgent.ParseAdd("CasFunctions");
        using var clock = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, $"{address.Authority} does not answer in time.", e);
        }
        catch (Exception e) when (OutboundRefusedException.Find(e) is { } refused)
        {
            throw new ProviderException(ProviderErrorKind.AddressRefused, refused.Message, e);
        }
        catch (HttpRequestException e)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, Describe(e, address), e);
        }
        catch (IOException e)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, $"The connection to {address.Authority} was cut.", e);
        }
    }

    /// <summary>
    /// Reads the body of an answer that is meant to be small.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="maxBytes">Longest body.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">The body is longer, or does not arrive.</exception>
    public async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        var host = response.RequestMessage?.RequestUri?.Authority;
        using var clock = new CancellationTokenSource(ProviderRetry.TryTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(maxBytes, linked.Token);
            return await response.Content.ReadAsByteArrayAsync(linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, $"{host} does not finish its answer in time.", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new ProviderException(ProviderErrorKind.Unexpected, $"{host} sends an answer that is longer than {maxBytes} bytes.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, $"The connection to {host} was cut.", e);
        }
    }

    private static string Describe(HttpRequestException failure, Uri address) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"The host name {address.Host} can't be found.",
        HttpRequestError.SecureConnectionError when Find<AuthenticationException>(failure) is not null =>
            $"No secure connection to {address.Authority}: its certificate is not accepted, or it speaks no TLS.",
        HttpRequestError.SecureConnectionError => $"No secure connection to {address.Authority}.",
        HttpRequestError.ConnectionError => $"No connection to {address.Authority}.",
        _ => $"The connection to {address.Authority} was cut.",
    };

    private static T? Find<T>(Exception? failure)
        where T : Exception => failure is null or T ? (T?)failure : Find<T>(failure.InnerException);
}
