using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The services that a client has when its host starts.</summary>
internal sealed class InitialServices
{
    /// <param name="builders">The services, each once.</param>
    /// <param name="time">Tells the age of those that do not say it.</param>
    public InitialServices(IEnumerable<ServiceBuilder> builders, TimeProvider time)
    {
        foreach (var builder in builders)
        {
            if (!Services.TryAdd(builder.Name, new(builder, time.GetUtcNow())))
                throw new ArgumentException($"service {builder.Name} is there twice", nameof(builders));
        }
    }

    public Dictionary<ServiceName, ServiceObjects> Services { get; } = [];

    /// <summary>The objects that the client writes to.</summary>
    public DatapathObjects ToObjects()
    {
        var objects = new DatapathObjects();
        if (Services.Count > 0)
            _ = objects.Upsert([.. Services.Values.SelectMany(static service => service.All)]);
        return objects;
    }
}
