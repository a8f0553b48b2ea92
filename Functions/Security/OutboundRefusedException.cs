namespace CasFunctions.Security;

/// <summary>
/// The outbound guard refused an address. The message is for an owner, in plain words and without secrets; it does not say what a
/// name resolved to, because private zones may be visible from here.
/// </summary>
/// <remarks>
/// Derived from neither <see cref="IOException"/> nor <see cref="HttpRequestException"/>: the Azure and AWS clients wrap those or
/// take them for transient, and would repeat a request that can never succeed.
/// </remarks>
/// <param name="message">What is refused and who can allow it.</param>
public sealed class OutboundRefusedException(string message) : Exception(message)
{
    /// <summary>Finds the refusal in what a client library threw, or null when the failure has another cause.</summary>
    public static OutboundRefusedException? Find(Exception? exception) => exception switch
    {
        null => null,
        OutboundRefusedException refused => refused,
        AggregateException several => several.InnerExceptions.Select(Find).FirstOrDefault(found => found is not null),
        _ => Find(exception.InnerException),
    };
}
