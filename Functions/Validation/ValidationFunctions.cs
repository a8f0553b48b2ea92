using CasFunctions.Backends;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Validation;

/// <summary>The timers of the validation, and the call that checks a backend now.</summary>
public sealed class ValidationFunctions(ApiEndpoint api, BackendStore backends, BackendValidator validator, BackendRemoval removal)
{
    /// <summary>Every five minutes: checks what is due.</summary>
    [Function("ValidateBackends")]
    public Task ValidateDueAsync([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        validator.ValidateDueAsync(cancellationToken);

    /// <summary>Once a day: repairs the schedule and forgets backends that were deleted.</summary>
    [Function("TidyBackends")]
    public async Task TidyAsync([TimerTrigger("0 17 3 * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        await validator.RepairScheduleAsync(cancellationToken);
        await removal.ForgetDeletedAsync(cancellationToken);
    }

    /// <summary><c>POST /v1/backends/{name}/validation</c></summary>
    [Function("ValidateBackend")]
    public Task<IResult> ValidateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/backends/{name}/validation")] HttpRequest request,
        string name, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var set = await backends.ReadFreshAsync(caller.Organization, cancellationToken);
            var backend = set.Find(name) is { DeletedAt: null } found ? found : throw Problems.NotFound("backend");
            var validated = await validator.ValidateAsync(backend, set.IsSelected(name), cancellationToken)
                ?? throw Problems.NotFound("backend");
            return Results.Json(BackendDocument.From(validated, set, caller), JsonAnswer.Types.BackendDocument);
        });
}
