using Datapath.Policy;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks the services that a client has when its host starts, with the options of the datapath, so that all mistakes are told at once.</summary>
internal sealed class InitialServicesCheck(IReadOnlyList<ServiceBuilder?> services) : IValidateOptions<DatapathOptions>
{
    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        string[] errors = [.. Check()];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Check()
    {
        var names = new HashSet<ServiceName>();
        foreach (var (index, builder) in services.Index())
        {
            if (builder is null)
            {
                yield return $"AddClient: services[{index}]: 'null' must be a service";
                continue;
            }

            if (!names.Add(builder.Name))
                yield return $"AddClient: service {builder.Name} is there twice";
            foreach (var mistake in MistakesOf(builder))
                yield return $"AddClient: {mistake}";
        }
    }

    private static IEnumerable<string> MistakesOf(ServiceBuilder builder)
    {
        ServiceObjects service;
        try
        {
            service = new(builder);
        }
        catch (ArgumentException e)
        {
            return [e.Message];
        }

        return CallCheck.MistakesOf(service).Select(static status => $"{status.Object}: {status.Message}");
    }
}
