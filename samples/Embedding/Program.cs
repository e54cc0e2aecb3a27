using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddDatapath(builder.Configuration.GetSection("Datapath")) // cgroupRoot, lifetime, noBackend, ...
    .AddManifestFolder("/etc/datapath/manifests");                        // followed live; or AddSource(...) for your own objects
builder.Services.AddHealthChecks().AddDatapath();
await builder.Build().RunAsync();
